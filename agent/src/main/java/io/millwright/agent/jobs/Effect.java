package io.millwright.agent.jobs;

/** What is to be done outside after a step was written down. */
enum Effect {
  /** Look at the devices once more. */
  PREPARE,
  /** Begin the process. */
  START,
  /** Ask the process to end, and kill it after its grace. */
  STOP,
  /** End what is left of it. */
  CLEAN
}
