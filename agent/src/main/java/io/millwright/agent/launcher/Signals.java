package io.millwright.agent.launcher;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Sends TERM and KILL to the processes of a run. */
final class Signals {
  private static final int DEADLINE_SECONDS = 5;
  private static final String TO_GROUP = "kill -s \"$1\" -- \"-$2\" 2>/dev/null";

  private final ProcessTable table;

  Signals(ProcessTable table) {
    this.table = table;
  }

  /** Asks all of them to end, and wakes those that were stopped. */
  void term(Identity leader, List<ProcessTable.Row> members) {
    toGroup("TERM", leader, members);
    toGroup("CONT", leader, members);
    strangers(leader, members).forEach(row -> handle(row).ifPresent(ProcessHandle::destroy));
  }

  void kill(Identity leader, List<ProcessTable.Row> members) {
    toGroup("KILL", leader, members);
    strangers(leader, members)
        .forEach(row -> handle(row).ifPresent(ProcessHandle::destroyForcibly));
  }

  /** All at once, so that none can begin another in between. */
  private void toGroup(String signal, Identity leader, List<ProcessTable.Row> members) {
    boolean inhabited = members.stream().anyMatch(row -> row.group() == leader.pid());
    if (!inhabited && !table.alive(leader)) {
      return;
    }
    try {
      Process kill =
          new ProcessBuilder("/bin/sh", "-c", TO_GROUP, "kill", signal, Long.toString(leader.pid()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      throw new LauncherException("sending " + signal + " to group " + leader.pid(), e);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those that left the group. */
  private static List<ProcessTable.Row> strangers(Identity leader, List<ProcessTable.Row> members) {
    return members.stream().filter(row -> row.group() != leader.pid()).toList();
  }

  /** The handle holds the time of the process's start and signals no other of its number. */
  private static Optional<ProcessHandle> handle(ProcessTable.Row row) {
    return ProcessHandle.of(row.pid())
        .filter(_ ->
            ProcessTable.row(row.pid())
                .filter(now -> now.startTicks() == row.startTicks())
                .isPresent());
  }
}
