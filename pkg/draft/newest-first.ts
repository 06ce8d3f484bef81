/** The policy that every script of the reference carries (spec/script.md 1.4). */
export const newestFirst = {
  is_default: true,
  event_priority_order: "run_is_current(desc),run_id(desc)",
  rules: [
    {
      cmd: "nogo",
      expression: "nrs.run_is_current == false && nrs.run_status == wfmodel.RunStop",
    },
    {
      cmd: "go",
      expression:
        "nrs.node_status == wfmodel.NodeBatchSuccess && (nrs.run_status == wfmodel.RunStart || nrs.run_is_current == false && nrs.run_status == wfmodel.RunComplete)",
    },
    {
      cmd: "nogo",
      expression:
        "nrs.node_status == wfmodel.NodeBatchFail && (nrs.run_is_current == true && nrs.run_status == wfmodel.RunStart || nrs.run_is_current == false && nrs.run_status == wfmodel.RunComplete)",
    },
    {
      cmd: "wait",
      expression: "nrs.node_status <= wfmodel.NodeBatchStart && nrs.run_status <= wfmodel.RunStart",
    },
  ],
} as const;
