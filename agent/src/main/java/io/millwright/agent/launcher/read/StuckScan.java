package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.StuckThread;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the processes in a run's control group wait for: {@code stat}, {@code wchan} and {@code
 * stack} of their threads (proc(5)), which wait for nothing themselves; {@code cmdline} and {@code
 * environ}, which may, are not read. A process that ends meanwhile is left out. Stateless.
 */
final class StuckScan {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,9}");
  private static final Pattern FRAME = Pattern.compile("\\[<[^>]*>\\] (\\S+).*");
  private static final int MOST_THREADS = 1024;
  private static final int MOST_OF_ONE = 4;
  private static final String UNINTERRUPTIBLE = "D";

  private final Path groups;
  private final Path processes;

  /**
   * @param root where {@code proc} and {@code sys} are
   */
  StuckScan(Path root) {
    this.groups = root.resolve("sys/fs/cgroup");
    this.processes = root.resolve("proc");
  }

  Answer read(RunId run) {
    List<String> pids;
    try {
      pids = Files.readAllLines(Layout.group(groups, run).resolve("cgroup.procs"));
    } catch (IOException gone) {
      return new Answer.Stuck(0, List.of());
    }
    List<StuckThread> threads = new ArrayList<>();
    for (String pid : pids) {
      int room = Answer.Bounds.MOST_STUCK - threads.size();
      if (room > 0 && NUMBER.matcher(pid).matches()) {
        List<StuckThread> its = of(processes.resolve(pid), Long.parseLong(pid));
        threads.addAll(its.subList(0, Math.min(its.size(), room)));
      }
    }
    return new Answer.Stuck(pids.size(), threads);
  }

  private static List<StuckThread> of(Path process, long pid) {
    List<StuckThread> stuck = new ArrayList<>();
    for (String thread : Entries.of(process.resolve("task"), NUMBER, MOST_THREADS)) {
      Path task = process.resolve("task").resolve(thread);
      if (stuck.size() < MOST_OF_ONE && state(task).equals(UNINTERRUPTIBLE)) {
        add(task, pid, stuck);
      }
    }
    if (stuck.isEmpty()) {
      add(process.resolve("task").resolve(Long.toString(pid)), pid, stuck);
    }
    return stuck;
  }

  private static String state(Path task) {
    try {
      return stat(task)[1];
    } catch (IOException | RuntimeException ended) {
      return "";
    }
  }

  /** Its name and its state. */
  private static String[] stat(Path task) throws IOException {
    String line = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
    int end = line.lastIndexOf(')');
    return new String[] {
      line.substring(line.indexOf('(') + 1, end), line.substring(end + 2, end + 3)
    };
  }

  private static void add(Path task, long pid, List<StuckThread> threads) {
    try {
      String[] stat = stat(task);
      String waits = text(task.resolve("wchan")).strip();
      threads.add(
          new StuckThread(
              pid,
              Long.parseLong(String.valueOf(task.getFileName())),
              stat[0].replaceAll("[^\\x20-\\x7e]", "?"),
              stat[1],
              waits.equals("0") ? "" : function(waits),
              stack(task)));
    } catch (IOException | RuntimeException ended) {
      return;
    }
  }

  private static List<String> stack(Path task) {
    List<String> functions = new ArrayList<>();
    for (String line : text(task.resolve("stack")).split("\n")) {
      Matcher frame = FRAME.matcher(line);
      if (frame.matches() && functions.size() < Answer.Bounds.MOST_FRAMES) {
        functions.add(function(frame.group(1)));
      }
    }
    return functions;
  }

  private static String function(String name) {
    String printable = name.replaceAll("[^\\x21-\\x7e]", "?");
    return printable.substring(0, Math.min(printable.length(), Answer.Bounds.LONGEST_FUNCTION));
  }

  /** Empty where a kernel without such a file, or without the right to it, shows none. */
  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException untold) {
      return "";
    }
  }
}
