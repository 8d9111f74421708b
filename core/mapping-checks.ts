import type { CompiledField, CompiledMapping } from './mapping';
import { pathsCollide, type Path } from './json/path';
import { rowName, type FieldType } from './mapping-schema';
import { nameProblem, systemNameProblem } from './names';
import { SyncError } from './sync-error';
import { choiceKey } from './values/choice';

const MATCHABLE: ReadonlySet<FieldType> = new Set<FieldType>(['text', 'number', 'decimal', 'date', 'email', 'phone', 'choice']);
const MAPPABLE: ReadonlySet<FieldType> = new Set<FieldType>(['choice', 'list', 'set']);

function refuse(place: string, problem: string, hint: string): never {
  throw new SyncError('bad_setting', `Mapping, ${place}: ${problem}.`, hint);
}

/** Everything about a mapping that can be seen to be wrong without a record. */
export function checkMapping(compiled: CompiledMapping): void {
  const { system, record_type } = compiled.mapping;
  for (const [setting, problem] of [['System', systemNameProblem(system)], ['Record Type', nameProblem(record_type)]] as const) {
    if (problem !== null) refuse(setting, `the name ${problem}`, 'Choose another name.');
  }
  for (const [index, field] of compiled.fields.entries()) {
    const row = rowName(index, field.name);
    const twin = compiled.fields.findIndex(({ name }) => name === field.name);
    if (twin !== index) refuse(row, `field ${twin + 1} has the same name`, 'Give each canonical field one row.');
    checkValues(row, field);
    checkOptions(row, field);
    if (field.sealed) checkSealed(row, field, compiled);
  }
  checkWrittenPaths(compiled);
  checkMatchField(compiled);
}

function checkValues(row: string, field: CompiledField): void {
  if (field.type === 'choice' && field.values.length === 0) refuse(row, 'a choice without a value map', 'List the values of this system and their canonical names, or choose the type Text.');
  if (field.values.length > 0 && !MAPPABLE.has(field.type)) refuse(row, `a value map does nothing for the type ${field.type}`, 'Choose the type Choice, List or Set, or take the value map out.');
  // A value map that is read only may fold several values into one, and one that is written only may do so backwards.
  if (field.direction !== 'out') refuseRepeated(row, 'system', field.values.map(({ system_value }) => choiceKey(system_value, field) ?? ''));
  if (field.direction !== 'in') refuseRepeated(row, 'canonical', field.values.map(({ canonical }) => String(canonical)));
}

function refuseRepeated(row: string, side: string, keys: readonly string[]): void {
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) refuse(row, `the ${side} value "${repeated}" stands in the value map twice`, 'A value map must lead back and forth: pair each value once.');
}

function checkOptions(row: string, field: CompiledField): void {
  if (field.clean_up.includes('lower_case') && field.clean_up.includes('upper_case')) refuse(row, 'lower case and upper case at once', 'Choose one of them.');
  const wanted = field.type === 'instant' ? 'string' : field.type === 'decimal' ? 'number' : 'undefined';
  if (field.precision !== undefined && typeof field.precision !== wanted) {
    refuse(row, `precision ${field.precision} does not fit the type ${field.type}`, 'Instants have second or minute, decimals a number of decimals, other types none.');
  }
  if (field.type !== 'phone' && (field.region !== null || field.region_path !== null)) refuse(row, `a region does nothing for the type ${field.type}`, 'Take it out, or choose the type Phone.');
}

/** A value that would be stored in the clear elsewhere, or that must be looked into, cannot be sealed. */
function checkSealed(row: string, field: CompiledField, { mapping, seal }: CompiledMapping): void {
  if (field.type === 'set') refuse(row, 'a sealed set cannot be merged', 'Choose the type List, or take Sealed out.');
  if (mapping.match_field === field.name) refuse(row, 'the match field cannot be sealed: the other system is searched by it', 'Match by another field, or take Sealed out.');
  if (field.path === mapping.native_id_path || field.path === mapping.record_key.path) refuse(row, 'an id cannot be sealed', 'Take Sealed out.');
  if (seal === null) refuse(row, 'is sealed, but no seal key is known', 'Choose the Sync Ledger credential in this node, and fill in its "Seal Key".');
}

function checkWrittenPaths({ fields, stamp }: CompiledMapping): void {
  const written = fields.flatMap((field, index): readonly { readonly row: string; readonly path: Path }[] =>
    field.direction === 'in' ? [] : [{ row: rowName(index, field.name), path: field.segments }]);
  const all = stamp === null ? written : [...written, { row: 'Stamp Path', path: stamp }];
  for (const [index, { row, path }] of all.entries()) {
    const other = all.slice(0, index).find((earlier) => pathsCollide(earlier.path, path));
    if (other !== undefined) refuse(row, `writes to the same place as ${other.row} (${path.join('.')})`, 'Write each place from one field only; set the other one’s direction to In.');
  }
}

function checkMatchField({ mapping, by_name }: CompiledMapping): void {
  if (mapping.match_field === null) return;
  const field = by_name.get(mapping.match_field);
  if (field === undefined) refuse('Match Field', `"${mapping.match_field}" is no mapped field`, 'Choose the canonical name of a mapped field.');
  if (field.direction === 'out') refuse('Match Field', `"${field.name}" is written but never read`, 'Set its direction to Both or In.');
  if (!MATCHABLE.has(field.type)) refuse('Match Field', `the type ${field.type} identifies nobody`, 'Choose a field such as the e-mail address.');
}
