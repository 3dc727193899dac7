package io.millwright.collector.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The site's file, right and wrong. */
class SchedulerOptionsTest {
  @Test
  void whatIsLeftOutIsCareful() {
    SchedulerOptions options =
        SchedulerOptions.of("opened: [/usr/bin/scontrol, update, 'nodename={node}']");
    assertThat(options.dryRun()).isTrue();
    assertThat(options.closed()).isEmpty();
    assertThat(options.deadline()).isEqualTo(Duration.ofSeconds(10));
    assertThat(options.perHour()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: act | opened",
        "'opened: [scontrol, \"{node}\"]' | absolute path",
        "'opened: [/bin/x]' | a command without {node}",
        "'opened: [/bin/x, \"{node}\", \"{nodes}\"]' | {node}, {reason} and {incident}",
        "'opened: [\"/bin/{node}\"]' | absolute path",
        "'opened: []' | 0 words",
        "'opened: [/bin/x, \"{node}\"]\nmode: on' | dry-run or act",
        "'opened: [/bin/x, \"{node}\"]\ndeadline: 2m' | 1s to 60s",
        "'opened: [/bin/x, \"{node}\"]\nper_hour: 0' | 1 to 9999",
        "'opened: [/bin/x, \"{node}\"]\nclose: [/bin/x]' | close",
        "'opened: [/bin/x, \"{node}\"]\nclosed: [x]' | closed[0]",
      })
  void eachMistakeIsOneSentence(String text, String said) {
    assertThatThrownBy(() -> SchedulerOptions.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }
}
