import type { Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { rejectedRowset } from "#pkg/table";
import type { UnitOutcome } from "#pkg/workflow";
import { emptyOutcome } from "./accounting.ts";
import { bufferBytesOf, rightBytesOf } from "./budget.ts";
import { committedUnits } from "./committed.ts";
import { emptyRowset } from "./empty-rowset.ts";
import { JoinedWriter, LeftAccount } from "./joined-rows.ts";
import { leftBlock } from "./left-block.ts";
import { sourceManifest } from "./left-rows.ts";
import { LookupRows } from "./lookup-block.ts";
import { lookupColumns, type LookupColumns } from "./lookup-code.ts";
import { tableTypes } from "./node-code.ts";
import { ShuffledSide } from "./partition-rows.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { buildRightSide, type RightSide } from "./right-side.ts";
import { numbersOf } from "./row-numbers.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase join of partitioned lookups: unit g joins partitions p with p mod units = g. Memory: the right rows of one partition if they
 * fit a quarter of the budget, else block by block for each left block (a hot key costs time, which its pairs need anyway, not
 * memory); one left block; buffered output, spilled as runs sorted by left row.
 */
export async function joinPartitions(context: NodeContext<LookupNode>): Promise<UnitOutcome> {
  const { task, ports } = context;
  const units = task.plan.phases.find((phase) => phase.name === "join")?.units ?? 1;
  const shuffled = await committedUnits(context, "shuffle");
  const isLeft = (unit: number): boolean => unit < task.plan.batches;
  const left = await ShuffledSide.open(
    ports.tables,
    "left",
    shuffled.filter(({ place }) => isLeft(place.unit)),
  );
  const right = await ShuffledSide.open(
    ports.tables,
    "right",
    shuffled.filter(({ place }) => !isLeft(place.unit)),
  );
  const sink = new PieceSink(ports.tables, placeOf(task));
  const total = (await sourceManifest(context, task.verdict.reader)).rows;
  const shares = { rows: total, batches: task.plan.batches };
  const output = new JoinedWriter(sink, "joined", shares, bufferBytesOf(ports.memory));
  const rejected = new JoinedWriter(sink, "rejected", shares, bufferBytesOf(ports.memory) / 4);
  const account = new LeftAccount(shares);
  const join = new PartitionJoin(context, { left, right, output, rejected, account });
  for (let partition = task.unit; partition < task.plan.partitions; partition += units)
    await join.run(partition);
  join.rows.check();
  await output.finish();
  await rejected.finish();
  await account.finish(sink);
  await sink.end();
  const { read, filtered } = account;
  const { written } = join.rows;
  return {
    ...emptyOutcome({ read, written, filtered, rejected: join.rejected }),
    bytes: sink.bytes,
  };
}

interface JoinSides {
  readonly left: ShuffledSide;
  readonly right: ShuffledSide;
  readonly output: JoinedWriter;
  readonly rejected: JoinedWriter;
  readonly account: LeftAccount;
}

class PartitionJoin {
  private readonly context: NodeContext<LookupNode>;
  private readonly sides: JoinSides;
  private readonly columns: LookupColumns;
  readonly rows: LookupRows;
  /** Rejected rows that nobody waived. */
  rejected = 0;

  constructor(context: NodeContext<LookupNode>, sides: JoinSides) {
    this.context = context;
    this.sides = sides;
    this.columns = lookupColumns(context);
    const decisionsAbout = context.decided.inTurn();
    this.rows = new LookupRows(context, {
      take: (rowset, left, block) => sides.output.add(rowset, left, block),
      reject: async (rows, left, block) => {
        for (const { input, file, line, reason } of rows) {
          const decisions = decisionsAbout({ node: context.node.name, input, file });
          if (!decisions.knows(line)) await decisions.learn(line);
          if (!decisions.isWaived(line, reason)) this.rejected += 1;
        }
        await sides.rejected.add(rejectedRowset(rows), left, block);
      },
    });
  }

  async run(partition: number): Promise<void> {
    const { left, account } = this.sides;
    if (left.rows(partition) === 0) return;
    const { memory } = this.context.ports;
    const rights = await this.rightSides(partition);
    const bytes = rights.length === 1 ? bufferBytesOf(memory) / 4 : bufferBytesOf(memory);
    for await (const rowset of left.blocks(partition, bytes)) {
      const numbers = numbersOf(rowset);
      const block = leftBlock(rowset, this.columns.leftKey, (row) => numbers[row] as number);
      await this.rows.block(
        block,
        rights.length === 1 ? rights : this.streamed(partition),
        rights.length === 1,
      );
      account.add(block);
      this.context.progress.advance(rowset.rows);
    }
  }

  /** The whole right side of the partition when it fits, nothing when it has to be streamed. */
  private async rightSides(partition: number): Promise<readonly RightSide[]> {
    const { right } = this.sides;
    let whole: Rowset | undefined;
    for await (const rowset of right.blocks(partition, rightBytesOf(this.context.ports.memory))) {
      if (whole !== undefined) return [];
      whole = rowset;
    }
    // The parts of the block are garbage now, before as much again is made of it.
    this.context.progress.advance(0);
    return [buildRightSide(this.context, whole ?? this.nothing())];
  }

  private async *streamed(partition: number): AsyncGenerator<RightSide> {
    const bytes = rightBytesOf(this.context.ports.memory);
    for await (const rowset of this.sides.right.blocks(partition, bytes)) {
      this.context.progress.advance(0);
      yield buildRightSide(this.context, rowset);
    }
  }

  private nothing(): Rowset {
    const types = tableTypes(this.context.script, this.context.node.lookup.table);
    return emptyRowset(this.columns.right, (name) => types.get(name));
  }
}
