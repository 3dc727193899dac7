package io.millwright.collector.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of {@code --remote-write}, and of {@code --otlp}. */
class ExportOptionsTest {
  @TempDir private Path directory;

  @Test
  void readsAllOfIt() throws Exception {
    Path password = directory.resolve("password");
    Files.writeString(password, "secret\n");
    Path file = directory.resolve("remote-write.yaml");
    Files.writeString(
        file,
        """
        url: https://tsdb.site:8428/api/v1/write
        user: mill
        password_file: %s
        ca_file: /etc/millwright/tsdb-ca.pem
        labels:
          site: north
        interval: 5s
        timeout: 10s
        queue_mebibytes: 64
        backfill: 30m
        """
            .formatted(password));
    ExportOptions options = ExportOptions.read(Format.REMOTE_WRITE, file);
    assertThat(options.url()).hasToString("https://tsdb.site:8428/api/v1/write");
    assertThat(options.authorization().orElseThrow().header()).isEqualTo("Basic bWlsbDpzZWNyZXQ=");
    assertThat(options.toString()).doesNotContain("bWlsbDpzZWNyZXQ").doesNotContain("secret");
    assertThat(options.labels()).containsEntry("site", "north");
    assertThat(options.interval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.queueBytes()).isEqualTo(64L << 20);
    assertThat(options.backfill()).contains(Duration.ofMinutes(30));
  }

  @Test
  void whatIsNotSaidIsUsual() throws Exception {
    ExportOptions options =
        ExportOptions.of(Format.REMOTE_WRITE, "url: http://127.0.0.1:8428/api/v1/write");
    assertThat(options.interval()).isEqualTo(Duration.ofSeconds(15));
    assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(options.queueBytes()).isEqualTo(1L << 30);
    assertThat(options.authorization()).isEmpty();
    assertThat(options.backfill()).isEmpty();
  }

  @Test
  void thatOfOtlpIsTheSameWithItsOwnWords() throws Exception {
    ExportOptions options = ExportOptions.of(Format.OTLP, "url: http://x:4318/v1/metrics");
    assertThat(options.format()).isEqualTo(Format.OTLP);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExportOptions.of(Format.OTLP, "url: x:4318"))
        .withMessageContaining("allowed is an address such as https://HOST:PORT/v1/metrics,");
  }

  /** A header of it would be refused by the JDK, whose message has all of it. */
  @Test
  void aSecretThatIsNoHeaderIsRefusedAndNotShown() throws Exception {
    Path token = directory.resolve("token");
    Files.writeString(token, "\ufeffabcdef");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ExportOptions.of(Format.REMOTE_WRITE, "url: http://x/y\ntoken_file: " + token))
        .withMessageContaining("what it holds is refused")
        .withMessageNotContaining("abcdef");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'interval: 5s' | url: missing",
        "'url: ftp://x/y' | url: 'ftp://x' is refused",
        "'url: http://user:pw@x/y' | url: 'http://x' is refused",
        "'url: ''not an address''' | url: what is no address is refused",
        "'url: http://x/y\ninterval: 0s' | interval: '0s' is refused; allowed is 1s to 300s",
        "'url: http://x/y\ntimeout: 121s' | timeout: '121s' is refused; allowed is 1s to 120s",
        "'url: http://x/y\nbackfill: 15s' | backfill: '15s' is refused; allowed is 1m to 168h",
        "'url: http://x/y\nbackfill: 169h' | backfill: '169h' is refused; allowed is 1m to 168h",
        "'url: http://x/y\nbackfill: off' | backfill: 'off' is refused; allowed is 1m to 168h",
        "'url: http://x/y\nqueue_mebibytes: 0' | queue_mebibytes: '0' is refused",
        "'url: http://x/y\nuser: me' | user: it and password_file go together",
        "'url: http://x/y\nuser: me\ntoken_file: t' | token_file: it goes with neither",
        "'url: http://x/y\nlabels: {1a: b}' | labels: '1a' is refused",
        "'url: http://x/y\nlabels: {a: }' | labels.a: '' is refused",
        "'url: http://x/y\nurls: x' | urls: no such field; did you mean 'url'?",
      })
  void oneSentenceNamesTheField(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExportOptions.of(Format.REMOTE_WRITE, text))
        .withMessageStartingWith(sentence);
  }
}
