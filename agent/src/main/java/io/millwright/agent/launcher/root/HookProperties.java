package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.HookRule;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.systemd.Property;
import io.millwright.agent.systemd.Property.Pair;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A hook as the properties of its unit. Pure. It is root's, and nothing of the job reaches it but
 * the words of its command line: neither its variables nor its directory, processes or device rule.
 *
 * @param place that is its own, root's alone, for what it says and how it ended
 */
record HookProperties(
    Layout layout, RunId run, HookRule.Moment moment, HookRule rule, HookWish wish, Path place) {
  private static final int ROOTS_ALONE = 0077;
  private static final long TASKS = 256;
  private static final Duration TO_STOP = Duration.ofSeconds(5);

  /**
   * What a step that prepares a device needs: files, users, processes, network, mounts of its own,
   * priorities, limits and device nodes (linux/capability.h); no modules, raw access, clock, boot
   * or tracing.
   */
  private static final long CAPABILITIES =
      LongStream.of(0, 1, 3, 4, 5, 6, 7, 12, 14, 15, 21, 23, 24, 27)
          .reduce(0, (mask, bit) -> mask | (1L << bit));

  /** No part of it has a colon, so that no two hooks have one unit. */
  static String unit(RunId run, HookRule.Moment moment, String hook) {
    return "mw-hook-" + run.text() + ":" + moment.word() + ":" + hook + ".service";
  }

  String unit() {
    return unit(run, moment, rule.name());
  }

  List<Property> properties() {
    return List.of(
        Property.text("Description", "Millwright hook"),
        Property.text("Type", "oneshot"),
        Property.text("Slice", "millwright.slice"),
        Property.text("CollectMode", "inactive-or-failed"),
        Property.command(layout.hookRunner().toString(), words()),
        Property.text("WorkingDirectory", place.toString()),
        Property.mode("UMask", ROOTS_ALONE),
        Property.text("StandardInput", "null"),
        Property.text("StandardOutput", "journal"),
        Property.text("StandardError", "journal"),
        Property.text("KillMode", "control-group"),
        Property.number("TimeoutStartUSec", rule.deadline().toNanos() / 1000),
        Property.number("TimeoutStopUSec", TO_STOP.toNanos() / 1000),
        Property.number("TasksMax", TASKS),
        Property.number("LimitCORE", 0),
        Property.text("DevicePolicy", "closed"),
        Property.pairs("DeviceAllow", nodes()),
        Property.truth("NoNewPrivileges", true),
        Property.number("CapabilityBoundingSet", CAPABILITIES),
        Property.text("ProtectSystem", "full"),
        Property.text("ProtectHome", "yes"),
        Property.truth("PrivateTmp", true),
        Property.truth("ProtectKernelModules", true),
        Property.truth("ProtectKernelLogs", true),
        Property.truth("ProtectControlGroups", true),
        Property.truth("ProtectClock", true),
        Property.truth("ProtectHostname", true),
        Property.truth("RestrictRealtime", true),
        Property.truth("LockPersonality", true),
        Property.texts("SystemCallArchitectures", List.of("native")));
  }

  /** Its own list of devices, whatever the job's is. */
  List<Pair> nodes() {
    return switch (rule.devices()) {
      case NONE -> List.of();
      case RUN -> wish.nodes().stream().map(node -> new Pair(node.toString(), "rw")).toList();
    };
  }

  List<String> words() {
    return List.of(
        layout.hookRunner().toString(),
        layout.hook(rule.name()).toString(),
        moment.word(),
        run.job(),
        Integer.toString(run.run()),
        Long.toString(wish.uid()),
        String.join(",", wish.devices()),
        String.join(",", wish.nodes().stream().map(Path::toString).toList()));
  }
}
