package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Packs exactly the files that the host's sources read on a machine, as they tell them to their
 * watch, with the names of devices and drivers that links lead to. Serial numbers, GUIDs and the
 * host's name are replaced, and the kernel's release is cut to its numbers. {@code
 * HostFixturesTest} says how it is run.
 */
final class Recorder implements CallWatch {
  private static final String READ = "read ";

  /** Read by another way than the watch's: by OSHI. Mounts are left out, for they name paths. */
  private static final List<String> BESIDE =
      List.of("etc/os-release", "sys/class/dmi/id/board_vendor", "sys/class/dmi/id/board_name");

  /** Looked at without being read. */
  private static final List<String> LINKS = List.of("device", "driver", "physfn", "infiniband");

  private static final Pattern SECRET =
      Pattern.compile(".*(serial|node_guid|product_uuid|kernel/hostname).*");

  private final Path root;
  private final Set<String> paths = new TreeSet<>(BESIDE);

  private Recorder(Path root) {
    this.root = root;
  }

  static Pack recorded(Path root, List<String> provenance) throws IOException {
    Recorder recorder = new Recorder(root);
    for (Source source : HostSources.real(root, recorder)) {
      for (Cadence cadence : Cadence.values()) {
        source.read(cadence, 1);
      }
      source.close();
    }
    return recorder.pack(provenance);
  }

  private Pack pack(List<String> provenance) throws IOException {
    Map<String, String> files = new TreeMap<>();
    Map<String, String> links = new TreeMap<>();
    for (String path : paths) {
      Path file = root.resolve(path);
      if (Files.isRegularFile(file) && Files.isReadable(file)) {
        files.put(path, SECRET.matcher(path).matches() ? "replaced\n" : content(file));
        addLinks(path, links);
      }
    }
    return new Pack(provenance, files, links);
  }

  /** Some drivers answer a read with an error, as {@code speed} of an interface that is down. */
  private static String content(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), UTF_8);
      return file.endsWith("osrelease") ? text.replaceFirst("-.*", "") : text;
    } catch (IOException refused) {
      return "";
    }
  }

  private void addLinks(String path, Map<String, String> links) throws IOException {
    Path directory = Path.of(path).resolveSibling(".").normalize();
    for (String name : LINKS) {
      Path link = root.resolve(directory).resolve(name);
      if (path.startsWith("sys/") && Files.isDirectory(link)) {
        Path target =
            Path.of("sys/devices/packed").resolve(String.valueOf(link.toRealPath().getFileName()));
        links.put(directory.resolve(name).toString(), directory.relativize(target).toString());
      }
    }
  }

  @Override
  public void entered(String call) {
    if (call.startsWith(READ + root)) {
      paths.add(root.relativize(Path.of(call.substring(READ.length()))).toString());
    }
  }

  @Override
  public long returned(String call, int code) {
    return 0;
  }
}
