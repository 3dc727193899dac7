package io.millwright.collector.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * OTLP over HTTP, binary (OpenTelemetry Protocol 1.9). The key of a series is the number of its
 * instrument in two bytes, then its attributes, fields 7 of a NumberDataPoint, without those whose
 * value is empty.
 */
final class OtlpEncoding implements Encoding {
  private static final Map<Metric, Instrument> OWN = own();
  private static final List<Instrument> INSTRUMENTS = instruments();
  private static final Map<Instrument, Integer> NUMBERS = numbers();

  private final Map<String, String> external;

  /**
   * @param external attributes of the site, which each resource gets
   */
  OtlpEncoding(Map<String, String> external) {
    this.external = external;
  }

  private static Map<Metric, Instrument> own() {
    Map<Metric, Instrument> own = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      own.put(metric, Instrument.of(metric));
    }
    return Collections.unmodifiableMap(own);
  }

  /** Those of the families' own names come first, in the order of the catalogue. */
  private static List<Instrument> instruments() {
    List<Instrument> all = new ArrayList<>(OWN.values());
    HardwareNames.all().stream().map(HardwareNames.Name::instrument).distinct().forEach(all::add);
    return List.copyOf(all);
  }

  private static Map<Instrument, Integer> numbers() {
    Map<Instrument, Integer> numbers = new HashMap<>();
    for (int i = 0; i < INSTRUMENTS.size(); i++) {
      numbers.put(INSTRUMENTS.get(i), i);
    }
    return Map.copyOf(numbers);
  }

  static Instrument instrument(int number) {
    return INSTRUMENTS.get(number);
  }

  @Override
  public byte[] key(Series series) {
    Optional<HardwareNames.Name> name = HardwareNames.of(series);
    Instrument instrument =
        name.map(HardwareNames.Name::instrument)
            .orElseGet(() -> Objects.requireNonNull(OWN.get(series.metric())));
    int number = Objects.requireNonNull(NUMBERS.get(instrument));
    Proto key = new Proto(256);
    key.raw(new byte[] {(byte) (number >> 8), (byte) number});
    name.map(one -> one.attributes(series))
        .orElseGet(() -> labels(series))
        .forEach((attribute, value) -> attribute(key, 7, attribute, value));
    return key.bytes();
  }

  private static Map<String, String> labels(Series series) {
    Map<String, String> labels = new LinkedHashMap<>();
    List<String> names = series.metric().labels();
    for (int i = 0; i < names.size(); i++) {
      labels.put(names.get(i), series.labelValues().get(i));
    }
    if (series.simulated()) {
      labels.put("simulated", "true");
    }
    return labels;
  }

  /** One KeyValue of a text, in such a field; nothing where the text is empty. */
  static void attribute(Proto into, int field, String name, String value) {
    if (!value.isEmpty()) {
      Proto any = new Proto(64);
      any.text(1, value);
      Proto pair = new Proto(128);
      pair.text(1, name);
      pair.message(2, any);
      into.message(field, pair);
    }
  }

  @Override
  public boolean counts(Metric metric) {
    return metric.kind() == Metric.Kind.COUNTER;
  }

  @Override
  public Request request() {
    return new MetricsRequest(external);
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("Content-Encoding", "gzip");
  }

  /**
   * What the specification says may be sent again is (429, 502, 503, 504); of the rest it says that
   * it must not be. What is no answer of such a receiver at all, 3xx, waits for people.
   */
  @Override
  public Answer answer(int status, byte[] body, Optional<Duration> after) {
    return switch (status / 100) {
      case 2 -> taken(body);
      case 4, 5 ->
          switch (status) {
            case 429 -> new Answer.Again(why(status, body), true, after);
            case 502, 503, 504 -> new Answer.Again(why(status, body), false, after);
            default -> new Answer.Refused(why(status, body));
          };
      default -> new Answer.Again(why(status, body), false, after);
    };
  }

  /** ExportMetricsServiceResponse: field 1 has how many points were refused, and why. */
  private static Answer taken(byte[] body) {
    return new ProtoFields(body)
        .message(1)
        .map(partial ->
            (Answer)
                new Answer.Taken(
                    partial.number(1).orElse(0), Shown.text(partial.text(2).orElse(""))))
        .orElse(Answer.TAKEN);
  }

  /** A google.rpc.Status has its words in field 2; proxies answer in plain text. */
  private static String why(int status, byte[] body) {
    return Answer.status(
        status, new ProtoFields(body).text(2).orElseGet(() -> new String(body, UTF_8)));
  }
}
