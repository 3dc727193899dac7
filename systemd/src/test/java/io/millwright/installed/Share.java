package io.millwright.installed;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a testbed sees as /mnt/share: a runtime, the classes of this build, units, simulated
 * hardware.
 */
final class Share {
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.sql,java.desktop,jdk.unsupported,jdk.net,jdk.security.auth";

  private Share() {}

  /** Made anew from this build. */
  static Path made() {
    Path share = Checkout.TARGET.resolve("share");
    Command.run("rm", "-rf", share.toString()).good();
    Checkout.write(share.resolve("classpath"), classes(share));
    Checkout.copy(Checkout.UNITS, share.resolve("units"));
    Checkout.copy(Checkout.SYSTEMD.resolve("sysusers.d"), share.resolve("sysusers.d"));
    Checkout.copy(Checkout.SYSTEMD.resolve("tmpfiles.d"), share.resolve("tmpfiles.d"));
    Checkout.copy(Checkout.SYSTEMD.resolve("src/test/resources/testbed"), share);
    Checkout.copy(Checkout.SIMULATED_LIBRARY, share.resolve("libnvidia-ml.so.1"));
    runtime(share.resolve("runtime"));
    return share;
  }

  /** The class path of this test, copied; returns it as it is inside. */
  private static String classes(Path share) {
    List<String> inside = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(entry);
      if (Files.exists(from) && !from.startsWith(Checkout.TARGET)) {
        String name = inside.size() + "-" + from.getFileName();
        Checkout.copy(from, share.resolve("classes").resolve(name));
        inside.add("/mnt/share/classes/" + name);
      }
    }
    return String.join(":", inside);
  }

  private static void runtime(Path to) {
    Command.run(
            Duration.ofMinutes(2),
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
                "--add-modules=" + MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output=" + to))
        .good();
  }
}
