package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.systemd.Property;
import io.millwright.agent.systemd.Property.Pair;
import io.millwright.agent.systemd.SystemdException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Makes the node of an IMEX channel by mknod(1) in a unit of root's own, which may make nodes of
 * that driver and open none. The launcher may make none, and a job's unit is no place for a step of
 * root's: its device rule would count for it.
 */
record NodeUnit(JobUnits units) implements ImexNodes.Maker {
  private static final String PROGRAM = "/usr/bin/mknod";
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final long MAY_MAKE_NODES = 1L << 27; // CAP_MKNOD, linux/capability.h

  @Override
  public void make(Path node, long major, int minor) throws IOException {
    String unit = "mw-imex-" + minor + ".service";
    String result;
    try {
      result = units.start(unit, properties(node, major, minor), Map.of());
    } catch (SystemdException | TimeoutException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
    if (!result.equals("done")) {
      throw new IOException(
          "%s ended as '%s'; journalctl -u %s says why".formatted(unit, result, unit));
    }
  }

  static List<Property> properties(Path node, long major, int minor) {
    return List.of(
        Property.text("Description", "Millwright IMEX channel"),
        Property.text("Type", "oneshot"),
        Property.text("Slice", "millwright.slice"),
        Property.text("CollectMode", "inactive-or-failed"),
        Property.command(
            PROGRAM,
            List.of(
                PROGRAM,
                "-m",
                "600",
                node.toString(),
                "c",
                Long.toString(major),
                Integer.toString(minor))),
        Property.text("WorkingDirectory", "/"),
        Property.mode("UMask", 0077),
        Property.text("StandardInput", "null"),
        Property.text("StandardOutput", "journal"),
        Property.text("StandardError", "journal"),
        Property.number("TimeoutStartUSec", LONGEST.toNanos() / 1000),
        Property.number("LimitCORE", 0),
        Property.text("DevicePolicy", "closed"),
        Property.pairs("DeviceAllow", List.of(new Pair("char-" + DeviceClass.IMEX.word(), "m"))),
        Property.truth("NoNewPrivileges", true),
        Property.number("CapabilityBoundingSet", MAY_MAKE_NODES),
        Property.text("ProtectSystem", "strict"),
        Property.text("ProtectHome", "yes"),
        Property.truth("PrivateTmp", true),
        Property.truth("PrivateNetwork", true),
        Property.truth("ProtectKernelTunables", true),
        Property.truth("ProtectKernelModules", true),
        Property.truth("ProtectKernelLogs", true),
        Property.truth("ProtectControlGroups", true),
        Property.truth("ProtectClock", true),
        Property.truth("ProtectHostname", true),
        Property.truth("RestrictRealtime", true),
        Property.truth("LockPersonality", true),
        Property.texts("SystemCallArchitectures", List.of("native")));
  }
}
