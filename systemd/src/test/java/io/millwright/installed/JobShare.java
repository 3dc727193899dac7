package io.millwright.installed;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the tests of jobs bring into a testbed: this build, a runtime for it, and its units. */
final class JobShare {
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.xml,jdk.unsupported,jdk.net,jdk.security.auth";

  private JobShare() {}

  static Path make(String name) {
    Path share = Checkout.TARGET.resolve(name);
    Command.run("rm", "-rf", share.toString()).good();
    Checkout.write(share.resolve("classpath"), classes(share));
    Checkout.copy(Checkout.UNITS, share.resolve("units"));
    for (String directory : List.of("sysusers.d", "tmpfiles.d", "launcher", "udev")) {
      Checkout.copy(Checkout.SYSTEMD.resolve(directory), share.resolve(directory));
    }
    Checkout.copy(Checkout.SYSTEMD.resolve("src/test/resources/launched"), share);
    runtime(share.resolve("runtime"));
    return share;
  }

  /** The class path of this test, copied; returns it as it is inside. */
  private static String classes(Path share) {
    List<String> inside = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(entry);
      if (Files.exists(from) && !from.toString().contains("netty")) {
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
