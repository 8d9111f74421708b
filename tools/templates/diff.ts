/** Compares each system with its own past. Knows no system by name: the reader of the target is an input. */
import { Canvas, type JsonObject } from './canvas';
import { DIFF, INGEST } from './contracts';
import { CALL, CALLED, calls, declares, IF, MERGE, NOTHING, oneAfterTheOther, SWITCH, switchOn, when } from './n8n-nodes';
import { ID, TAGS } from './names';
import { DIFF_ENGINE } from './our-nodes';

export function diffWorkflow(sample: { readonly sources: readonly JsonObject[]; readonly targets: readonly JsonObject[] }): JsonObject {
  const canvas = new Canvas({
    id: ID.diff,
    name: 'Diff Engine - Compute Changes',
    description: 'Reads the other side of each record and finds the fields that changed, each system against its own past. Only reads. Serves both directions and every pair of systems: the reader is an input.',
    tags: TAGS,
    errorWorkflow: null,
  });
  const called = canvas.add('When records are to be compared', CALLED, [0, 1], declares(DIFF));
  const kind = canvas.add('Which side is it?', SWITCH, [1, 1], switchOn([['Source record', '!!$json.source'], ['Listed target record', '!!$json.observation']], 'Neither'));
  const read = canvas.add('Must the target be read?', IF, [2, 0], when('$json.complete_listing !== true'));
  const reader = canvas.add("Read the target's records", CALL, [3, 0], calls({ expression: '$json.reader' }, INGEST, { list: null }));
  const diff = canvas.add('Compare each side with its past', DIFF_ENGINE, [4, 1], {
    unmatchedTarget: "={{ $json.complete_listing === true ? 'absent' : 'read' }}",
    detectDeletes: true,
    fieldSelection: 'all',
  }, { onError: 'continueErrorOutput' });
  const all = canvas.add('Give back every finding', MERGE, [6, 1], oneAfterTheOther(5));
  const neither = canvas.add('Not a record', NOTHING, [2, 2], {});

  canvas.link(called, 0, kind);
  canvas.link(kind, 0, read);
  canvas.link(kind, 0, diff, 0);
  canvas.link(kind, 1, diff, 1);
  canvas.link(kind, 2, neither);
  canvas.link(read, 0, reader);
  canvas.link(reader, 0, diff, 1);
  for (let output = 0; output < 5; output += 1) canvas.link(diff, output, all, output);

  canvas.note('## The other side, now\nA linked record is read by its link; without one it is searched by match key. A complete listing spares the reads.', { from: [0, 0], to: [3, 2], color: 5 });
  canvas.note('## Each side against its own past\nOne shared base would flip values back when a system reformats them.', { from: [4, 1], to: [5, 1.6], color: 4 });
  canvas.pin(called, sample.sources);
  canvas.pin(reader, sample.targets);
  return canvas.toJson();
}
