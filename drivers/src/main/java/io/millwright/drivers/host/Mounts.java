package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.protocol.vocabulary.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The mounted file systems that are worth watching, from {@code /proc/1/mountinfo}, or {@code
 * /proc/self/mountinfo} where we may not read that. The first is preferred because a service that
 * systemd confines sees read-only binds in its own name space that the node does not have.
 *
 * <p>Left out are file systems and places that hold no data of anybody, the same ones that Node
 * exporter leaves out unless told otherwise. Of several mounts on one point the last one is seen by
 * everybody and is the one here.
 *
 * @param all in the order in which they were mounted, 64 at most
 * @param dropped how many there are beyond those
 */
public record Mounts(List<Mount> all, int dropped) {
  private static final int MOST = 64;
  private static final Pattern NO_PLACE =
      Pattern.compile(
          "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)");
  private static final Pattern NO_DATA =
      Pattern.compile(
          "autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs"
              + "|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs"
              + "|squashfs|sysfs|tracefs");
  private static final int MOUNT_POINT = 4;
  private static final int OPTIONS = 5;
  private static final int FEWEST_WORDS_BEFORE_DASH = 6;

  public Mounts {
    all = List.copyOf(all);
  }

  /** What reading the mounts came to. */
  public sealed interface Result {
    /** What is mounted now. */
    record Known(Mounts mounts) implements Result {}

    /** Neither file could be read. */
    record Unknown(Fault fault) implements Result {}
  }

  /** Reads what is mounted now. This asks the kernel only and no file system. */
  public static Result read(Path root) {
    return new MountTable(root).read();
  }

  static byte[] content(Path root) throws IOException {
    try {
      return Files.readAllBytes(root.resolve("proc/1/mountinfo"));
    } catch (IOException notOurs) {
      return Files.readAllBytes(root.resolve("proc/self/mountinfo"));
    }
  }

  static Mounts parse(byte[] content) {
    Map<String, Mount> topmost = new LinkedHashMap<>();
    int start = 0;
    for (int end = 0; end < content.length; end++) {
      if (content[end] == '\n') {
        parseLine(Arrays.copyOfRange(content, start, end), topmost);
        start = end + 1;
      }
    }
    List<Mount> watched = topmost.values().stream().filter(Mounts::watched).toList();
    return new Mounts(
        watched.subList(0, Math.min(MOST, watched.size())), Math.max(0, watched.size() - MOST));
  }

  /**
   * One line: id, parent, device number, root, mount point, options, optional words, a dash, type,
   * device, options of the file system. proc(5).
   */
  private static void parseLine(byte[] line, Map<String, Mount> topmost) {
    List<String> words = words(line);
    int dash = words.indexOf("-");
    if (dash < FEWEST_WORDS_BEFORE_DASH || words.size() < dash + 3) {
      return;
    }
    String mountPoint = words.get(MOUNT_POINT);
    if (!mountPoint.startsWith("/")) {
      return;
    }
    boolean readOnly =
        readOnly(words.get(OPTIONS)) || (words.size() > dash + 3 && readOnly(words.get(dash + 3)));
    topmost.remove(mountPoint);
    topmost.put(
        mountPoint, new Mount(mountPoint, words.get(dash + 2), words.get(dash + 1), readOnly));
  }

  private static boolean readOnly(String options) {
    return Arrays.asList(options.split(",")).contains("ro");
  }

  private static List<String> words(byte[] line) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int end = 0; end <= line.length; end++) {
      if (end == line.length || line[end] == ' ') {
        words.add(unescaped(line, start, end));
        start = end + 1;
      }
    }
    return words;
  }

  /** The kernel writes blanks, newlines and backslashes as a backslash and three octal digits. */
  private static String unescaped(byte[] line, int start, int end) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
    for (int i = start; i < end; i++) {
      if (escaped(line, i, end)) {
        bytes.write((line[i + 1] - '0') * 64 + (line[i + 2] - '0') * 8 + (line[i + 3] - '0'));
        i += 3;
      } else {
        bytes.write(line[i]);
      }
    }
    return bytes.toString(UTF_8);
  }

  private static boolean escaped(byte[] line, int at, int end) {
    return line[at] == '\\'
        && at + 3 < end
        && octal(line[at + 1], '3')
        && octal(line[at + 2], '7')
        && octal(line[at + 3], '7');
  }

  private static boolean octal(byte digit, char largest) {
    return digit >= '0' && digit <= largest;
  }

  private static boolean watched(Mount mount) {
    return !NO_DATA.matcher(mount.type()).matches() && !NO_PLACE.matcher(mount.mountPoint()).find();
  }

  /** Those that this node answers for itself: one lane can watch them all. */
  public List<Mount> local() {
    return all.stream().filter(mount -> !mount.remote()).toList();
  }

  /** Those that may hang: each wants a lane of its own. */
  public List<Mount> remote() {
    return all.stream().filter(Mount::remote).toList();
  }
}
