package io.millwright.agent.launcher;

/**
 * A process and no other, over restarts of the agent and over the reuse of numbers.
 *
 * @param startTicks field 22 of {@code /proc/PID/stat}: when it began, in ticks since the boot
 * @param bootId of the kernel it lives under
 */
public record Identity(long pid, long startTicks, String bootId) {
  public Identity {
    if (pid < 2 || startTicks < 0 || bootId.isBlank()) {
      throw new IllegalArgumentException(
          "process: pid %d, start %d, boot '%s' name no process of a job"
              .formatted(pid, startTicks, bootId));
    }
  }
}
