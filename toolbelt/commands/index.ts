import { dropCommand, stopRunCommand } from "./change-commands.ts";
import type { ToolbeltCommand } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { compareCommand, profileCommand } from "./compare-commands.ts";
import { correctCommand, replayCommand, waiveCommand } from "./correct-commands.ts";
import {
  statusDiagramCommand,
  tableCqlCommand,
  validateScriptCommand,
} from "./diagram-commands.ts";
import { batchHistoryCommand, nodeHistoryCommand, runHistoryCommand } from "./history-commands.ts";
import { rejectedCommand } from "./rejected.ts";
import { planCommand } from "./plan.ts";

import { initCommand, protoFileReaderCommand } from "./draft-commands.ts";
import { resumeCommand } from "./resume.ts";
import { retryCommand } from "./retry.ts";
import { runCommand } from "./run.ts";
import { completionCommand, helpCommand } from "./help-commands.ts";
import { checkCommand, explainCommand } from "./script-commands.ts";
import { execNodeCommand, startRunCommand } from "./start-commands.ts";
import { checkQueueCommand, checkStoreCommand } from "./service-commands.ts";
import { previewCommand, runsCommand, statusCommand } from "./state-commands.ts";

/** In the order of --help. */
export const COMMANDS: readonly ToolbeltCommand[] = [
  runCommand,
  resumeCommand,
  planCommand,
  retryCommand,
  checkCommand,
  explainCommand,
  statusCommand,
  runsCommand,
  previewCommand,
  profileCommand,
  compareCommand,
  startRunCommand,
  rejectedCommand,
  doctorCommand,
  correctCommand,
  waiveCommand,
  replayCommand,
  stopRunCommand,
  execNodeCommand,
  runHistoryCommand,
  nodeHistoryCommand,
  batchHistoryCommand,
  statusDiagramCommand,
  tableCqlCommand,
  dropCommand,
  validateScriptCommand,
  completionCommand,
  helpCommand,
  checkStoreCommand,
  checkQueueCommand,

  protoFileReaderCommand,
  initCommand,
];
