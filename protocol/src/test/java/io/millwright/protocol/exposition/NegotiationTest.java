package io.millwright.protocol.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          OPENMETRICS | application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
          OPENMETRICS | application/openmetrics-text; version=1.0.0; escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2
          PROMETHEUS  | text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4
          PROMETHEUS  | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.8,text/plain;version=0.0.4;q=0.5
          OPENMETRICS | Application/OpenMetrics-Text
          OPENMETRICS | application/openmetrics-text;version="1.0.0"
          OPENMETRICS | text/plain, application/openmetrics-text
          PROMETHEUS  | application/openmetrics-text;version=0.0.1
          PROMETHEUS  | application/openmetrics-text;version=2.0.0
          PROMETHEUS  | application/openmetrics-text;q=0
          PROMETHEUS  | application/openmetrics-text;q=0.2, */*
          OPENMETRICS | application/openmetrics-text;q=0.2, */*;q=0.1
          OPENMETRICS | application/openmetrics-text;q=0.2, text/plain;q=0.1, */*
          PROMETHEUS  | text/html,application/xhtml+xml,*/*;q=0.8
          PROMETHEUS  | application/*
          PROMETHEUS  | text/plain;q=0
          PROMETHEUS  | application/openmetrics-text;q=nonsense
          PROMETHEUS  | ;;;,,=;q=,
          """)
  void choosesTheFormat(TextFormat format, String accept) {
    assertThat(Negotiation.format(List.of(accept))).isEqualTo(format);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true  | gzip
          true  | deflate, GZIP;q=1.0, *;q=0.5
          true  | x-gzip
          true  | *
          true  | identity, gzip
          false | gzip;q=0
          false | gzip;q=0, *
          false | gzip; q=0.000
          false | identity
          false | deflate, br
          false | identity, gzip;q=0.5
          false | *;q=0
          false | gzip;q=2
          """)
  void choosesTheEncoding(boolean gzip, String acceptEncoding) {
    assertThat(Negotiation.gzip(List.of(acceptEncoding))).isEqualTo(gzip);
  }

  @Test
  void givesPlainTextToWhoeverSaysNothing() {
    assertThat(Negotiation.format(List.of())).isEqualTo(TextFormat.PROMETHEUS);
    assertThat(Negotiation.gzip(List.of())).isFalse();
  }

  @Test
  void readsAHeaderThatComesInSeveralLines() {
    assertThat(Negotiation.format(List.of("text/plain;q=0.1", "application/openmetrics-text")))
        .isEqualTo(TextFormat.OPENMETRICS);
  }
}
