package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which processes have the device node of an accelerator open: {@code /proc/<pid>/fd} of each. A
 * descriptor is looked at where its file is called like such a node; it counts where it has a
 * node's number, whatever path a container gave it. A process that ends meanwhile holds nothing.
 *
 * <p>Not seen: a node that is open under another name, or that a process only has in its memory
 * after it closed it; descriptors of a thread that shares none with its process. Stateless.
 */
final class HolderScan {
  private static final Pattern NODE = Pattern.compile("(neuron|nvidia)[0-9]{1,4}");
  private static final Pattern PROCESS = Pattern.compile("[1-9][0-9]{0,9}");
  private static final int MOST_PROCESSES = 4_000_000; // the kernel's own limit of pid_max
  private static final String DELETED = " (deleted)";
  private static final int KIND = 0170000;
  private static final int CHARACTER = 0020000;
  private static final int LONGEST_COMMAND = 64;

  /** Of {@code /proc/<pid>/stat}, counted from what follows the name: {@code starttime}. */
  private static final int START = 22 - 3;

  private final Path nodes;
  private final Path processes;

  /**
   * @param root where {@code dev} and {@code proc} are
   */
  HolderScan(Path root) {
    this.nodes = root.resolve("dev");
    this.processes = root.resolve("proc");
  }

  Answer.Holdings read() {
    Map<Long, String> devices = devices();
    return devices.isEmpty() ? new Answer.Holdings(List.of(), true) : new Scan(devices).read();
  }

  /** The nodes by their numbers. */
  private Map<Long, String> devices() {
    Map<Long, String> devices = new HashMap<>();
    for (String name : Entries.of(nodes, NODE, Answer.Bounds.MOST_NODES)) {
      long number = numberOf(nodes.resolve(name));
      if (number >= 0) {
        devices.putIfAbsent(number, name);
      }
    }
    return devices;
  }

  /** Negative also for one that is gone: nobody can open it any more. */
  private static long numberOf(Path node) {
    try {
      return number(node, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException gone) {
      return -1;
    }
  }

  /** The number of a character device; negative for anything else. */
  private static long number(Path node, LinkOption... links) throws IOException {
    Map<String, Object> facts = Files.readAttributes(node, "unix:mode,rdev", links);
    long mode = ((Number) facts.getOrDefault("mode", 0)).longValue();
    return (mode & KIND) == CHARACTER ? ((Number) facts.getOrDefault("rdev", -1L)).longValue() : -1;
  }

  /** One look at all processes. */
  private final class Scan {
    private final Map<Long, String> devices;
    private final Map<String, List<Holder>> held = new TreeMap<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private boolean whole = true;
    private int named;

    Scan(Map<Long, String> devices) {
      this.devices = devices;
      devices.values().forEach(name -> held.put(name, new ArrayList<>()));
    }

    Answer.Holdings read() {
      List<String> numbers = Entries.of(processes, PROCESS, MOST_PROCESSES);
      whole = !numbers.isEmpty(); // at least this one is there
      for (String number : numbers) {
        look(processes.resolve(number));
      }
      List<Holding> holdings = new ArrayList<>();
      held.forEach((device, holders) ->
          holdings.add(new Holding(device, counts.getOrDefault(device, 0), holders)));
      return new Answer.Holdings(holdings, whole);
    }

    private void look(Path process) {
      Set<String> holds = new TreeSet<>();
      try {
        String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields[0].equals("Z")) {
          threads(process.resolve("task"), holds);
        } else {
          descriptors(process, holds);
        }
        if (!holds.isEmpty()) {
          add(holder(process, Long.parseLong(fields[START])), holds);
        }
      } catch (AccessDeniedException foreign) {
        whole = false;
      } catch (IOException | RuntimeException gone) {
        return; // between two looks
      }
    }

    /** Its first thread has ended; others may go on, and hold what it held. */
    private void threads(Path tasks, Set<String> holds) throws AccessDeniedException {
      for (String thread : Entries.of(tasks, PROCESS, MOST_PROCESSES)) {
        descriptors(tasks.resolve(thread), holds);
      }
    }

    /** Up to where its process ended, if it did. */
    private void descriptors(Path process, Set<String> holds) throws AccessDeniedException {
      try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
        for (Path descriptor : descriptors) {
          device(descriptor, holds);
        }
      } catch (AccessDeniedException foreign) {
        throw foreign;
      } catch (DirectoryIteratorException | IOException ended) {
        return;
      }
    }

    private void device(Path descriptor, Set<String> holds) throws IOException {
      try {
        String file = Files.readSymbolicLink(descriptor).toString();
        String path =
            file.endsWith(DELETED) ? file.substring(0, file.length() - DELETED.length()) : file;
        if (!NODE.matcher(path.substring(path.lastIndexOf('/') + 1)).matches()) {
          return; // also what is on a file system that does not answer is not looked at further
        }
        String name = devices.get(numberBehind(descriptor));
        if (name != null) {
          holds.add(name);
        }
      } catch (AccessDeniedException foreign) {
        throw foreign;
      } catch (IOException closed) {
        return; // since it was listed
      }
    }

    /** A file system that lets nobody look, as FUSE does even root, has no device of ours. */
    private static long numberBehind(Path descriptor) throws IOException {
      try {
        return number(descriptor);
      } catch (AccessDeniedException foreign) {
        return -1;
      }
    }

    private Holder holder(Path process, long startTicks) throws IOException {
      String command = "";
      long uid = 0;
      for (String line :
          new String(Files.readAllBytes(process.resolve("status")), StandardCharsets.UTF_8)
              .split("\n")) {
        if (line.startsWith("Name:")) {
          command = line.substring("Name:".length()).strip();
        } else if (line.startsWith("Uid:")) {
          uid = Long.parseLong(line.split("\\s+")[1]);
        }
      }
      String printable = command.replaceAll("\\p{Cc}", "?");
      return new Holder(
          Long.parseLong(String.valueOf(process.getFileName())),
          printable.substring(0, Math.min(printable.length(), LONGEST_COMMAND)),
          uid,
          startTicks);
    }

    private void add(Holder holder, Set<String> holds) {
      for (String device : holds) {
        counts.merge(device, 1, Integer::sum);
        List<Holder> holders = held.computeIfAbsent(device, first -> new ArrayList<>());
        if (holders.size() < Answer.Bounds.MOST_HOLDERS && named < Answer.Bounds.MOST_HOLDINGS) {
          holders.add(holder);
          named++;
        }
      }
    }
  }
}
