import type { CountryCode } from 'libphonenumber-js';

/** A name as it is written, and as it stands in an e-mail address. */
export type Name = readonly [written: string, ascii: string];
type Some<T> = readonly [T, ...T[]];

export type SeedCountry = {
  readonly code: CountryCode;
  readonly language: string;
  readonly timezone: string;
  readonly currency: string;
  readonly places: Some<readonly [city: string, zip: string]>;
  readonly streets: Some<string>;
  readonly first: Some<Name>;
  readonly last: Some<Name>;
};

export const SEED_COUNTRIES: Some<SeedCountry> = [
  {
    code: 'US', language: 'en', timezone: 'America/Los_Angeles', currency: 'USD',
    places: [['San Francisco', '94103'], ['Portland', '97205'], ['Austin', '78701'], ['Boston', '02108']],
    streets: ['Market Street', 'Elm Street', 'Lakeview Avenue'],
    first: [['Emily', 'emily'], ['Marcus', 'marcus'], ['Grace', 'grace'], ['Tyler', 'tyler'], ['Aaliyah', 'aaliyah']],
    last: [['Johnson', 'johnson'], ['Nguyen', 'nguyen'], ["O'Neill", 'oneill'], ['Garcia', 'garcia'], ['Washington', 'washington']],
  },
  {
    code: 'GB', language: 'en', timezone: 'Europe/London', currency: 'GBP',
    places: [['London', 'EC1A 1BB'], ['Manchester', 'M1 1AE'], ['Leeds', 'LS1 4DY']],
    streets: ['High Street', 'Station Road', "King's Parade"],
    first: [['Oliver', 'oliver'], ['Siân', 'sian'], ['Zoë', 'zoe'], ['Harriet', 'harriet']],
    last: [['Smith-Jones', 'smith-jones'], ["D'Arcy", 'darcy'], ['Patel', 'patel'], ['MacLeod', 'macleod']],
  },
  {
    code: 'IE', language: 'en', timezone: 'Europe/Dublin', currency: 'EUR',
    places: [['Dublin', 'D02 X285'], ['Galway', 'H91 E9K2']],
    streets: ["O'Connell Street", 'Quay Street'],
    first: [['Seán', 'sean'], ['Aoife', 'aoife'], ['Róisín', 'roisin']],
    last: [["O'Brien", 'obrien'], ['Ní Dhomhnaill', 'nidhomhnaill'], ['Byrne', 'byrne']],
  },
  {
    code: 'DE', language: 'de', timezone: 'Europe/Berlin', currency: 'EUR',
    places: [['München', '80331'], ['Köln', '50667'], ['Düsseldorf', '40213'], ['Berlin', '10115']],
    streets: ['Hauptstraße', 'Schloßallee', 'Am Mühlbach'],
    first: [['Jürgen', 'juergen'], ['Käthe', 'kaethe'], ['Anna', 'anna'], ['Björn', 'bjoern']],
    last: [['Müller', 'mueller'], ['Weiß', 'weiss'], ['Schröder', 'schroeder'], ['von der Heide', 'vonderheide']],
  },
  {
    code: 'FR', language: 'fr', timezone: 'Europe/Paris', currency: 'EUR',
    places: [['Saint-Étienne', '42000'], ['Orléans', '45000'], ['Paris', '75011']],
    streets: ["Rue de l'Église", 'Avenue Émile Zola'],
    first: [['François', 'francois'], ['Hélène', 'helene'], ['Chloé', 'chloe'], ['Jean-Noël', 'jean-noel']],
    last: [['Lefèvre', 'lefevre'], ["L'Hôte", 'lhote'], ['Dubois', 'dubois'], ['Gaëtan', 'gaetan']],
  },
  {
    code: 'PL', language: 'pl', timezone: 'Europe/Warsaw', currency: 'PLN',
    places: [['Łódź', '90-001'], ['Kraków', '31-042'], ['Gdańsk', '80-831']],
    streets: ['ulica Długa', 'ulica Świętego Jana'],
    first: [['Łukasz', 'lukasz'], ['Małgorzata', 'malgorzata'], ['Żaneta', 'zaneta']],
    last: [['Wiśniewski', 'wisniewski'], ['Dąbrowska', 'dabrowska'], ['Wójcik', 'wojcik']],
  },
  {
    code: 'BR', language: 'pt-BR', timezone: 'America/Sao_Paulo', currency: 'BRL',
    places: [['São Paulo', '01310-100'], ['Brasília', '70040-010']],
    streets: ['Avenida Paulista', 'Rua Conceição'],
    first: [['João', 'joao'], ['Conceição', 'conceicao'], ['Luís', 'luis']],
    last: [['Gonçalves', 'goncalves'], ['Araújo', 'araujo'], ['dos Santos', 'dossantos']],
  },
  {
    code: 'JP', language: 'ja', timezone: 'Asia/Tokyo', currency: 'JPY',
    places: [['東京', '100-0001'], ['大阪', '530-0001'], ['札幌', '060-0001']],
    streets: ['丸の内', '梅田'],
    first: [['花子', 'hanako'], ['太郎', 'taro'], ['さくら', 'sakura'], ['ケンジ', 'kenji']],
    last: [['山田', 'yamada'], ['佐藤', 'sato'], ['渡辺', 'watanabe']],
  },
  {
    code: 'CN', language: 'zh', timezone: 'Asia/Shanghai', currency: 'CNY',
    places: [['上海', '200001'], ['北京', '100000']],
    streets: ['南京东路', '长安街'],
    first: [['伟', 'wei'], ['秀英', 'xiuying'], ['明', 'ming']],
    last: [['王', 'wang'], ['李', 'li'], ['欧阳', 'ouyang']],
  },
  {
    code: 'EG', language: 'ar', timezone: 'Africa/Cairo', currency: 'EGP',
    places: [['القاهرة', '11511'], ['الإسكندرية', '21500']],
    streets: ['شارع التحرير', 'شارع النيل'],
    first: [['محمد', 'mohamed'], ['فاطمة', 'fatma'], ['أحمد', 'ahmed']],
    last: [['عبد الله', 'abdallah'], ['حسن', 'hassan'], ['السيد', 'elsayed']],
  },
  {
    code: 'UA', language: 'uk', timezone: 'Europe/Kyiv', currency: 'UAH',
    places: [['Київ', '01001'], ['Львів', '79000']],
    streets: ['вулиця Хрещатик', 'площа Ринок'],
    first: [['Олексій', 'oleksii'], ['Юлія', 'yuliia'], ["Мар'яна", 'mariana']],
    last: [['Шевченко', 'shevchenko'], ['Коваленко', 'kovalenko'], ['Їжакевич', 'yizhakevych']],
  },
  {
    code: 'VN', language: 'vi', timezone: 'Asia/Ho_Chi_Minh', currency: 'VND',
    places: [['Đà Nẵng', '550000'], ['Hà Nội', '100000']],
    streets: ['Đường Lê Lợi', 'Phố Huế'],
    first: [['Thị Hương', 'huong'], ['Văn Đức', 'duc']],
    last: [['Nguyễn', 'nguyen'], ['Trần', 'tran'], ['Đặng', 'dang']],
  },
];
