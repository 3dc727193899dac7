package io.millwright.agent.doctor;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.Pinned;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.orders.OrderKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is looked at of the agent's own files: where they are, whose, and who may change them. */
final class FileChecks {
  private FileChecks() {}

  /**
   * @param file of the configuration; empty where there is none
   */
  static List<DoctorCheck> of(AgentConfig config, Optional<Path> file) {
    List<DoctorCheck> checks = new ArrayList<>();
    checks.add(configuration(file));
    checks.add(directories(config));
    policy(config).ifPresent(checks::add);
    if (config.jobs().systemd()) {
      Path policy = Path.of(config.jobs().policy());
      orders(config.node().name(), policy, Layout.installed().orders()).ifPresent(checks::add);
    }
    checks.add(kernelLog(config));
    return checks;
  }

  private static DoctorCheck configuration(Optional<Path> file) {
    if (file.isEmpty()) {
      return DoctorCheck.ok("configuration", "good, of defaults and options alone");
    }
    return changeable(file.get())
        .map(why ->
            DoctorCheck.fail(
                "configuration", why, "'chmod go-w %s', and let root own it".formatted(file.get())))
        .orElseGet(() -> DoctorCheck.ok("configuration", "good: " + file.get()));
  }

  /** Why others than its owner could change it. */
  private static Optional<String> changeable(Path file) {
    try {
      Set<PosixFilePermission> modes =
          Files.readAttributes(file, PosixFileAttributes.class).permissions();
      boolean open =
          modes.contains(PosixFilePermission.GROUP_WRITE)
              || modes.contains(PosixFilePermission.OTHERS_WRITE);
      return open
          ? Optional.of("%s can be changed by others than its owner".formatted(file))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of("%s cannot be looked at: %s".formatted(file, e.getMessage()));
    }
  }

  // ---- directories

  private static DoctorCheck directories(AgentConfig config) {
    List<String> without = new ArrayList<>();
    for (String name : List.of(config.health().directory(), config.evidence().directory())) {
      Path directory = Path.of(name);
      Path parent = directory.getParent();
      boolean usable =
          Files.isDirectory(directory)
              ? Files.isWritable(directory)
              : parent != null && Files.isWritable(parent);
      if (!usable) {
        without.add(name);
      }
    }
    return without.isEmpty()
        ? DoctorCheck.ok("directories", "events and evidence can be kept")
        : DoctorCheck.warn(
            "directories",
            "this user cannot keep anything in " + String.join(", ", without),
            "run as the agent's user, or make the directory above and give it to that user");
  }

  private static Optional<DoctorCheck> policy(AgentConfig config) {
    Path file = Path.of(config.jobs().policy());
    if (config.jobs().policy().isEmpty() || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty(); // no job runs here
    }
    return Optional.of(
        changeable(file)
            .map(why ->
                DoctorCheck.fail(
                    "policy", why, "'chown root %1$s' and 'chmod 0644 %1$s'".formatted(file)))
            .orElseGet(() -> DoctorCheck.ok("policy", "only its owner can change " + file)));
  }

  /**
   * By whose signature the launcher begins jobs.
   *
   * @param node the agent's name
   * @param policy its file
   * @param directory of the keys
   */
  static Optional<DoctorCheck> orders(String node, Path policy, Path directory) {
    if (!Files.exists(policy, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty(); // no job runs here
    }
    boolean required =
        PolicyFile.read(policy) instanceof Execution.On on && on.policy().signedStarts();
    return Optional.of(orders(node, required, Pinned.read(directory), directory));
  }

  /**
   * @param required whether the policy wants a signature in any case
   */
  static DoctorCheck orders(String node, boolean required, Pinned pinned, Path directory) {
    return switch (pinned) {
      case Pinned.Nobody() when required ->
          DoctorCheck.fail(
              "orders",
              "signed_starts of the policy is required, and no key is pinned in " + directory,
              "put the key there that 'millwright-collector ca orders-key' prints");
      case Pinned.Nobody() ->
          DoctorCheck.ok("orders", "starts are not signed: no key is pinned in " + directory);
      case Pinned.By by when !by.node().equals(node) ->
          DoctorCheck.fail(
              "orders",
              "the launcher takes starts of node '%s', and the agent is '%s'"
                  .formatted(by.node(), node),
              "write the node's name into " + directory.resolve("node"));
      case Pinned.By by when by.own() ->
          DoctorCheck.fail(
              "orders",
              "%s, or a file in it, belongs to this user; the launcher believes root's alone and begins nothing"
                  .formatted(directory),
              "'chown -R root %s', and the way to it".formatted(directory));
      case Pinned.By by ->
          DoctorCheck.ok(
              "orders",
              "starts are signed by " + by.keys().keys().stream().map(OrderKey::id).toList());
      case Pinned.Unusable(String why) ->
          DoctorCheck.fail("orders", why, "no job begins here before that is mended");
    };
  }

  // ---- the kernel log

  /** It is opened and closed again: a read could wait. */
  private static DoctorCheck kernelLog(AgentConfig config) {
    String log = config.health().kernelLog();
    if (log.isEmpty()) {
      return DoctorCheck.warn(
          "kernel-log",
          "health.kernel_log is empty: Xids of the kernel log do not count",
          "set health.kernel_log to /dev/kmsg");
    }
    try {
      FileChannel.open(Path.of(log), StandardOpenOption.READ).close();
      return DoctorCheck.ok("kernel-log", "%s can be read".formatted(log));
    } catch (IOException e) {
      return DoctorCheck.warn(
          "kernel-log",
          "%s cannot be read: %s".formatted(log, e.getClass().getSimpleName()),
          "give the agent CAP_SYSLOG, or set health.kernel_log to where the log is");
    }
  }
}
