package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program itself, with a stand-in for systemctl that writes down what it is asked. */
class EndLeasesTest {
  private static final String OVER = "mw-job-over-r1.service";
  private static final String LASTS = "mw-job-lasts-r1.service";

  @TempDir private Path directory = Path.of("");
  private Path leases = Path.of("");
  private Path script = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    leases = Files.createDirectories(directory.resolve("leases"));
    Path programs = Files.createDirectories(directory.resolve("bin"));
    executable(
        programs.resolve("systemctl"),
        """
        #!/bin/sh
        case $1 in
          show) cat %1$s/state 2>/dev/null || echo active; [ ! -e %1$s/silent ];;
          stop) echo "$@" >>%1$s/asked; echo inactive >%1$s/state;;
        esac
        """
            .formatted(directory));
    String text = Files.readString(Checkout.SYSTEMD.resolve("launcher/end-leases"));
    assertThat(text).contains("\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
    script = directory.resolve("end-leases");
    executable(script, text.replace("\nPATH=/usr/sbin", "\nPATH=" + programs + ":/usr/sbin"));
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static long uptime() throws IOException {
    return (long) Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
  }

  private static long ahead() throws IOException {
    return Clock.system().wall().getEpochSecond() - uptime();
  }

  private void lease(String unit, long until, long ahead) throws IOException {
    Files.writeString(leases.resolve(unit), until + " " + ahead + "\n");
  }

  private Process run() throws IOException {
    return new ProcessBuilder("sh", script.toString(), leases.toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("said").toFile())
        .start();
  }

  private String asked() throws IOException {
    Path asked = directory.resolve("asked");
    return Files.exists(asked) ? Files.readString(asked) : "";
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("said"));
  }

  @Test
  void whatIsOverIsStoppedAndNothingElseAndThenItGoes() throws Exception {
    lease(OVER, uptime() - 1, ahead());
    Process guard = run();
    assertThat(guard.waitFor(60, TimeUnit.SECONDS)).as("no lease is left").isTrue();
    assertThat(guard.exitValue()).isZero();
    assertThat(asked()).isEqualTo("stop --no-block " + OVER + "\n");
    assertThat(leases.resolve(OVER + ".over")).as("for who asks for the cause").exists();
    assertThat(leases.resolve(OVER)).doesNotExist();
    assertThat(said()).contains("the lease of " + OVER + " is over");
  }

  @Test
  void whatLastsAfterAJumpAndWhatNobodyAnswersForGoesOn() throws Exception {
    lease(LASTS, uptime() + 3600, ahead());
    lease("mw-job-jumped-r1.service", uptime() - 1, ahead() - 3600);
    lease("mw-job-back-r1.service", uptime() - 1, ahead() + 3600);
    Files.writeString(leases.resolve("mw-job-torn-r1.service"), "");
    Files.writeString(leases.resolve("mw-job-odd-r1.service"), "$(touch x) 1\n");
    Files.createFile(directory.resolve("silent"));
    lease(OVER, uptime() - 1, ahead());
    Process guard = run();
    try {
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> said().contains("mw-job-back-r1.service") && said().contains("jumped"));
      assertThat(asked()).isEmpty();
      assertThat(leases.resolve("x")).doesNotExist();
      Files.delete(directory.resolve("silent"));
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> !Files.exists(leases.resolve(OVER)));
      assertThat(asked()).isEqualTo("stop --no-block " + OVER + "\n");
      assertThat(guard.isAlive()).as("leases are left").isTrue();
    } finally {
      guard.destroyForcibly();
    }
  }

  /** What a run that ended by itself has left is no cause of its end. */
  @Test
  void aRunThatEndedByItselfIsNotSaidToHaveBeenStopped() throws Exception {
    lease(OVER, Math.max(0, uptime() - 120), ahead());
    Files.writeString(directory.resolve("state"), "inactive\n");
    assertThat(run().waitFor(240, TimeUnit.SECONDS)).isTrue();
    assertThat(asked()).isEmpty();
    assertThat(leases.resolve(OVER + ".over")).doesNotExist();
  }

  /** Its lease was over while the launcher still looked at what it wants. */
  @Test
  void aRunThatBeginsAfterItsLeaseIsStoppedAllTheSame() throws Exception {
    lease(OVER, uptime() - 1, ahead());
    Files.writeString(directory.resolve("state"), "inactive\n");
    Process guard = run();
    try {
      for (String unit : new String[] {"mw-job-jumped-r1.service", "mw-job-later-r1.service"}) {
        lease(unit, uptime() - 1, ahead() - 3600); // a pass says so, and the one before is over
        org.awaitility.Awaitility.await()
            .atMost(java.time.Duration.ofSeconds(60))
            .until(() -> said().contains(unit));
      }
      assertThat(leases.resolve(OVER)).as("it may begin yet").exists();
      Files.writeString(directory.resolve("state"), "active\n");
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(() -> asked().equals("stop --no-block " + OVER + "\n"));
    } finally {
      guard.destroyForcibly();
    }
  }
}
