package io.millwright.simulator;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Nodes in network namespaces of their own, each with a cable (veth) to the place of the collector,
 * whose cuts are the kernel's: nobody is told, and nothing is refused. The addresses are those of
 * RFC 5737, which nothing real has. Needs root and {@code ip} of iproute2.
 */
final class Network implements AutoCloseable {
  /** Where the collector awaits agents, at this machine's end of the first cable. */
  static final String COLLECTOR = "198.51.100.1";

  /** An Ethernet address that no cable ends at. */
  private static final String NOBODY = "02:00:00:00:00:fe";

  private final Map<String, Cable> cables = new LinkedHashMap<>();

  /**
   * @param here name of its end at the collector
   */
  private record Cable(String space, String here, String atCollector, String atNode) {}

  private Network() {}

  /** Of these nodes; aborts the test, or with {@code -Dlong=yes} fails it, where it cannot be. */
  static Network of(String... nodes) throws IOException {
    Network made = new Network();
    try {
      for (String node : nodes) {
        made.lay(node);
      }
      return made;
    } catch (IOException e) {
      made.close();
      String why = "network namespaces cannot be made here: " + e.getMessage();
      if (System.getProperty("long", "").equals("yes")) {
        throw new AssertionError(why, e);
      }
      System.out.println("skipped: " + why);
      abort(why);
      throw e;
    }
  }

  private void lay(String node) throws IOException {
    int number = cables.size();
    long pid = ProcessHandle.current().pid();
    String net = "198.51.100.";
    Cable cable =
        new Cable(
            "mw%d-%s".formatted(pid, node),
            "mw%d.%d".formatted(pid, number),
            net + (4 * number + 1),
            net + (4 * number + 2));
    ip("link", "add", cable.here, "type", "veth", "peer", "name", "up0");
    ip("netns", "add", cable.space);
    cables.put(node, cable);
    ip("link", "set", "up0", "netns", cable.space);
    ip("address", "add", cable.atCollector + "/30", "dev", cable.here);
    ip("link", "set", cable.here, "up");
    within(cable, "address", "add", cable.atNode + "/30", "dev", "up0");
    within(cable, "link", "set", "lo", "up");
    within(cable, "link", "set", "up0", "up");
    within(cable, "route", "add", "default", "via", cable.atCollector);
  }

  /** The words before a program that is to run on this node. */
  List<String> on(String node) {
    return List.of("ip", "netns", "exec", cable(node).space);
  }

  /** Both directions, as when a switch dies: what is sent is lost. */
  void cut(String node) throws IOException {
    deafen(node);
    mute(node);
  }

  /** What the collector sends to the node is lost. */
  void deafen(String node) throws IOException {
    Cable cable = cable(node);
    ip("neigh", "replace", cable.atNode, "lladdr", NOBODY, "dev", cable.here, "nud", "permanent");
  }

  /** What the node sends to the collector is lost. */
  void mute(String node) throws IOException {
    Cable cable = cable(node);
    within(
        cable,
        "neigh",
        "replace",
        cable.atCollector,
        "lladdr",
        NOBODY,
        "dev",
        "up0",
        "nud",
        "permanent");
  }

  /** As at first. */
  void heal(String node) throws IOException {
    Cable cable = cable(node);
    ip("neigh", "flush", "dev", cable.here, "nud", "permanent");
    within(cable, "neigh", "flush", "dev", "up0", "nud", "permanent");
  }

  private Cable cable(String node) {
    return Objects.requireNonNull(cables.get(node), node);
  }

  private static void within(Cable cable, String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of("-n", cable.space));
    all.addAll(List.of(words));
    ip(all.toArray(String[]::new));
  }

  private static void ip(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    Path said = Files.createTempFile("mw-ip", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      if (process.onExit().join().exitValue() != 0) {
        throw new IOException(
            String.join(" ", command)
                + ": "
                + Files.readString(said, StandardCharsets.UTF_8).strip());
      }
    } finally {
      Files.delete(said);
    }
  }

  /** A namespace goes some time after its last process and connection; its cable at once. */
  @Override
  public void close() throws IOException {
    for (Cable cable : cables.values()) {
      ip("link", "delete", cable.here);
      ip("netns", "delete", cable.space);
    }
  }
}
