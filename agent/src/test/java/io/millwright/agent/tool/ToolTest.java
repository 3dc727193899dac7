package io.millwright.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs of a site, as they are: real processes that end, hang, flood and leave others behind.
 */
class ToolTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private final Tool tool = new Tool(Clock.system());

  private Ended script(String text, Duration deadline) {
    return tool.run(List.of("/bin/sh", "-c", text), directory, deadline);
  }

  private static String text(Ended ended) {
    return new String(ended.output(), StandardCharsets.UTF_8);
  }

  @Test
  void keepsWhatAProgramPrintsAndItsExitCode() {
    Ended ended = script("pwd; echo wrong >&2; exit 3", LONG);

    assertThat(ended.ending()).isEqualTo(new Ending.Exited(3));
    assertThat(text(ended)).contains(directory.toString()).contains("wrong");
  }

  @Test
  void givesAProgramNothingOfTheAgentsEnvironmentAndTakesItFirstWhenMemoryRunsOut() {
    Ended ended =
        script("env | cut -d= -f1 | sort | tr '\\n' ' '; cat /proc/self/oom_score_adj", LONG);

    assertThat(text(ended)).contains("LANG").contains("PATH").contains("1000");
    assertThat(text(ended)).doesNotContain("HOME").doesNotContain("MILLWRIGHT");
  }

  @Test
  void endsAProgramThatHangsWithAllThatItBegan() throws IOException {
    Ended ended = script("sleep 600 & echo $! > child; echo $$ > self; sleep 600", SHORT);

    assertThat(ended.ending()).isEqualTo(new Ending.Overran(""));
    assertThat(lives("self")).isFalse();
    assertThat(lives("child")).isFalse();
  }

  @Test
  void killsAProgramThatDoesNotWantToEnd() throws IOException {
    Ended ended = script("trap '' TERM; echo $$ > self; while :; do sleep 0.1; done", SHORT);

    assertThat(ended.ending()).isEqualTo(new Ending.Overran(""));
    assertThat(lives("self")).isFalse();
  }

  @Test
  void endsWhatAProgramLeavesBehind() throws IOException {
    Ended ended = script("sleep 600 & echo $! > child; exit 0", LONG);

    assertThat(ended.ending()).isEqualTo(new Ending.Exited(0));
    assertThat(lives("child")).isFalse();
  }

  private boolean lives(String file) throws IOException {
    String pid = Files.readString(directory.resolve(file)).strip();
    Path stat = Path.of("/proc", pid, "stat");
    return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
  }

  @Test
  void boundsAFlood() {
    Ended ended = script("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo last", LONG);

    assertThat(ended.ending()).isEqualTo(new Ending.Exited(0));
    assertThat(ended.output().length).isLessThan(300_000);
    assertThat(text(ended)).startsWith("first").endsWith("last\n").contains("bytes are left out");
  }

  @Test
  void aFloodDoesNotOutlastTheDeadline() {
    Ended ended = script("yes", SHORT);

    assertThat(ended.ending()).isEqualTo(new Ending.Overran(""));
  }

  @Test
  void beginsNoProgramThatIsNone() throws IOException {
    Path plain = Files.writeString(directory.resolve("plain"), "no program");

    assertThat(tool.run(List.of(plain.toString()), directory, LONG).ending())
        .isEqualTo(new Ending.NotBegun(plain + " is no program that the agent's user may run"));
  }

  /** What the shell of the guard would make of it is never asked. */
  @Test
  void passesArgumentsAsTheyAre() {
    Ended ended = tool.run(List.of("/bin/echo", "$(id)", "; ls", "a  b"), directory, LONG);

    assertThat(text(ended)).isEqualTo("$(id) ; ls a  b\n");
  }
}
