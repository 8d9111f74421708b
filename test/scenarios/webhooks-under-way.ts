/** Webhooks that a system has sent and nobody has received: a scenario says which of them arrive, how often and when. */
import type { Hint } from '../../core/model';
import { assertNever } from '../../core/sync-error';
import type { Happening, RecordIn } from './happening';

export type WebhookDeed = Extract<Happening, { kind: 'webhooks arrive' | 'late webhooks arrive' | 'webhooks are lost' | 'webhook' | 'delivery' }>;

const DEEDS: ReadonlySet<Happening['kind']> = new Set<WebhookDeed['kind']>(['webhooks arrive', 'late webhooks arrive', 'webhooks are lost', 'webhook', 'delivery']);
export const isWebhookDeed = (says: Happening): says is WebhookDeed => DEEDS.has(says.kind);

const MOST_DELIVERIES = 200;

export class WebhooksUnderWay {
  private readonly late: Hint[] = [];

  /**
   * @param waiting oldest first; a delivery may add to it, since our own writes are told, too
   * @param hintOf what a webhook of this record says
   */
  constructor(
    private readonly waiting: Hint[],
    private readonly hintOf: (who: RecordIn) => Hint,
    private readonly deliver: (hints: readonly Hint[]) => Promise<void>,
  ) {}

  async happen(deed: WebhookDeed): Promise<void> {
    switch (deed.kind) {
      case 'webhooks arrive':
        await this.deliverAll();
        return;
      case 'late webhooks arrive':
        for (const hint of this.late.splice(0)) await this.deliver([hint]);
        return;
      case 'webhooks are lost':
        this.waiting.length = 0;
        return;
      case 'webhook':
        await this.meet(this.take(deed.who), deed.fate);
        return;
      case 'delivery':
        await this.deliver(deed.aliases.map((alias) => this.take({ system: deed.system, alias })));
        return;
      default:
        assertNever(deed);
    }
  }

  /** The oldest webhook of the record. */
  take(who: RecordIn): Hint {
    const { system, native_id } = this.hintOf(who);
    const at = this.waiting.findIndex((hint) => hint.system === system && hint.native_id === native_id);
    const [hint] = at === -1 ? [] : this.waiting.splice(at, 1);
    if (hint === undefined) throw new Error(`No webhook of ${system} about ${who.alias} is under way.`);
    return hint;
  }

  private async meet(hint: Hint, fate: Extract<WebhookDeed, { kind: 'webhook' }>['fate']): Promise<void> {
    switch (fate) {
      case 'arrives':
        await this.deliver([hint]);
        return;
      case 'is lost':
        return;
      case 'is late':
        this.late.push(hint);
        return;
      case 'is doubled':
        this.waiting.push(hint, hint);
        return;
      default:
        assertNever(fate);
    }
  }

  private async deliverAll(): Promise<void> {
    for (let times = 0; this.waiting.length > 0; times += 1) {
      if (times > MOST_DELIVERIES) throw new Error('Webhooks cause webhooks without end.');
      await this.deliver(this.waiting.splice(0, 1));
    }
  }
}
