package io.millwright.agent.tool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of one session, as the kernel's table has them. */
final class Kin {
  private static final Path PROC = Path.of("/proc");
  private static final int AFTER_NAME = 3;
  private static final int STATE = 3;
  private static final int SESSION = 6;
  private static final int START = 22;

  private Kin() {}

  /** A process that lives. */
  record Member(long pid, char state, long startTicks) {

    /** The same process, not one that was given its number later. */
    boolean lives() {
      return read(pid).filter(now -> now.member().startTicks() == startTicks).isPresent();
    }

    /** Waits in the kernel where no signal reaches it, or holds an accelerator's device node. */
    boolean mayBeInDriver() {
      return state == 'D' || holdsDevice();
    }

    private boolean holdsDevice() {
      Path files = PROC.resolve(Long.toString(pid)).resolve("fd");
      try (DirectoryStream<Path> open = Files.newDirectoryStream(files)) {
        for (Path file : open) {
          if (isAccelerator(target(file))) {
            return true;
          }
        }
        return false;
      } catch (IOException | RuntimeException gone) {
        return Files.exists(files); // what cannot be looked into may hold one
      }
    }

    private static boolean isAccelerator(String target) {
      return target.startsWith("/dev/nvidia") || target.startsWith("/dev/neuron");
    }

    private static String target(Path file) {
      try {
        return Files.readSymbolicLink(file).toString();
      } catch (IOException closed) {
        return "";
      }
    }

    Optional<ProcessHandle> handle() {
      return ProcessHandle.of(pid).filter(_ -> lives());
    }
  }

  private record Row(Member member, long session) {}

  /** Those of the session that this process leads or has led, itself included. */
  static List<Member> of(long leader) {
    List<Member> members = new ArrayList<>();
    try (DirectoryStream<Path> numbers = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : numbers) {
        read(Long.parseLong(entry.getFileName().toString()))
            .filter(row -> row.session() == leader)
            .ifPresent(row -> members.add(row.member()));
      }
    } catch (IOException unreadable) {
      throw new IllegalStateException("reading the processes under /proc", unreadable);
    }
    return members;
  }

  /** The name may hold blanks and parentheses: what counts begins after the last of them. */
  private static Optional<Row> read(long pid) {
    try {
      Path stat = PROC.resolve(Long.toString(pid)).resolve("stat");
      String line = new String(Files.readAllBytes(stat), StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
      if (fields.length <= START - AFTER_NAME) {
        return Optional.empty();
      }
      char state = fields[STATE - AFTER_NAME].charAt(0);
      return state == 'Z' || state == 'X'
          ? Optional.empty()
          : Optional.of(
              new Row(
                  new Member(pid, state, Long.parseLong(fields[START - AFTER_NAME])),
                  Long.parseLong(fields[SESSION - AFTER_NAME])));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
