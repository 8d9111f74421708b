import type { Written } from './record-desk';
import type { SystemState } from './system-state';

/**
 * What a person does in the system, by its page or by a test that plays a person. It passes the same business rules as the API
 * but is logged as a user's, counts as no API write and knows no If-Match.
 */
export function userEdit(state: SystemState, path: string, id: string, changes: unknown): Written {
  return logged(state, 'PATCH', path, id, state.desk.patch(id, changes, 'user', null), 200);
}

export function userCreate(state: SystemState, path: string, fields: unknown): Written {
  return logged(state, 'POST', path, null, state.desk.create(fields, 'user'), 201);
}

export function userDelete(state: SystemState, path: string, id: string): Written {
  return logged(state, 'DELETE', path, id, state.desk.remove(id, 'user', null), 200);
}

export function userRestore(state: SystemState, path: string, id: string): Written {
  return logged(state, 'POST', path, id, state.desk.restore(id), 200);
}

export function userMalform(state: SystemState, path: string, id: string): Written {
  return logged(state, 'PATCH', path, id, state.desk.malform(id), 200);
}

/** One line in the log, as the bulk job that it is. */
export function userTouchAll(state: SystemState, path: string): number {
  const touched = state.desk.touchAll();
  addToLog(state, 'POST', path, null, 200, new Map());
  return touched;
}

function logged(state: SystemState, method: string, path: string, id: string | null, result: Written, status: number): Written {
  if (result.kind === 'written') addToLog(state, method, path, result.record.id, status, result.changes);
  else addToLog(state, method, path, id, result.refusal.status, new Map());
  return result;
}

function addToLog(state: SystemState, method: string, path: string, id: string | null, status: number, changes: Parameters<SystemState['log']['add']>[0]['changes']): void {
  state.log.add({ method, path, record_id: id, status, by: 'user', changes, idempotency_key: null, if_match: null, replayed: false });
}
