package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code usage}: what runs have used. */
class RunUsageTest {
  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on(
        "GET /v1/usage",
        one ->
            Reply.json(
                200,
                "[{\"user\":\"anna\",\"project\":\"llm\",\"runs\":3,\"device_seconds\":7200.0,\"joules\":1234500.0,"
                    + "\"energy_scope\":\"gpu\",\"joules_device_seconds\":3600.0,\"idle_ratio\":0.25,"
                    + "\"seen_device_seconds\":7200.0,\"errors\":2.0,\"mean_watts\":701.5,"
                    + "\"watts_device_seconds\":3600.0,\"peak_watts\":994.0,"
                    + "\"peak_memory_bytes\":2147483648},"
                    + "{\"user\":\"ben\",\"project\":\"\",\"runs\":1,\"device_seconds\":0.0,"
                    + "\"joules_device_seconds\":0.0,\"seen_device_seconds\":0.0}]"));
  }

  @AfterEach
  void close() {
    collector.close();
  }

  @Test
  void hasAColumnForEachWordThatWasAskedFor() {
    assertThat(shell.run("usage", "--by", "user,project")).isZero();
    assertThat(shell.out().lines().map(line -> line.replaceAll("\\s+", " ").strip()))
        .containsExactly(
            "USER PROJECT RUNS DEVICE-HOURS ENERGY SCOPE IDLE ERRORS",
            "anna llm 3 2.0h 1.2MJ gpu 25% 2",
            "ben - 1 0.0h - - - -");
    assertThat(collector.asked().getFirst().target()).isEqualTo("/v1/usage?by=user,project");
  }

  @Test
  void theWideTableShowsPowerAndMemory() {
    assertThat(shell.run("usage", "-o", "wide")).isZero();
    assertThat(shell.out().lines().map(line -> line.replaceAll("\\s+", " ").strip()))
        .containsExactly(
            "USER PROJECT RUNS DEVICE-HOURS ENERGY SCOPE IDLE ERRORS ENERGY-HOURS SEEN-HOURS"
                + " CPU-HOURS WATTS WATTS-HOURS MOST-WATTS MOST-MEMORY",
            "anna llm 3 2.0h 1.2MJ gpu 25% 2 1.0h 2.0h - 702W 1.0h 994W 2.0GiB",
            "ben - 1 0.0h - - - - 0.0h 0.0h - - - - -");
  }

  @Test
  void csvHasTheNumbersAsTheyAre() {
    assertThat(shell.run("usage", "--since", "30d", "-o", "csv")).isZero();
    assertThat(shell.out())
        .startsWith(
            "user,project,runs,device_seconds,joules,energy_scope,idle_ratio,errors,"
                + "joules_device_seconds,seen_device_seconds,cpu_seconds,mean_watts,"
                + "watts_device_seconds,peak_watts,peak_memory_bytes\r\n"
                + "anna,llm,3,7200.0,1234500.0,gpu,0.25,2.0,3600.0,7200.0,,701.5,3600.0,994.0,");
    assertThat(collector.asked().getFirst().target()).contains("&since=");
  }

  @Test
  void aWordThatIsNoneIsRefused() {
    assertThat(shell.run("usage", "--by", "colour")).isEqualTo(64);
    assertThat(shell.err())
        .contains("--by: 'colour' is refused; allowed is any of user, project, scheduler, node");
  }
}
