package io.millwright.collector.jobs;

import io.millwright.collector.store.Snapshot;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the book as the store has it. Pure. */
final class Recovery {
  private final SortedMap<String, String> values = new TreeMap<>();

  private Recovery(Snapshot snapshot) {
    for (Versioned value : snapshot.values()) {
      values.put(value.key(), value.value());
    }
  }

  /** What was read. */
  record Recovered(Ledger ledger, Map<String, Long> journals, Map<String, Long> floors) {}

  static Recovered read(Snapshot snapshot) {
    Recovery recovery = new Recovery(snapshot);
    return new Recovered(
        recovery.ledger(), recovery.numbers(Keys.JOURNAL), recovery.numbers(Keys.FLOOR));
  }

  private Ledger ledger() {
    Ledger ledger = new Ledger();
    numbers(Keys.APPLIED).forEach(ledger::applied);
    under(Keys.RUN).keySet().forEach(key -> ledger.put(run(key)));
    return ledger;
  }

  private SortedMap<String, String> under(String prefix) {
    return values.subMap(prefix, prefix + '\u007f');
  }

  /** What stands under the keys without their prefix. */
  private Map<String, Long> numbers(String prefix) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    under(prefix)
        .forEach((key, text) ->
            numbers.put(key.substring(prefix.length()), decoded(key, RunJson::number)));
    return numbers;
  }

  private Run run(String key) {
    RunId id = Keys.id(key);
    RunJson.Course course = decoded(key, RunJson::course);
    Optional<Grant> grant =
        values.containsKey(Keys.grant(id))
            ? Optional.of(decoded(Keys.grant(id), RunJson::grant))
            : Optional.empty();
    return new Run(
        id,
        decoded(Keys.spec(id), text -> JobJson.spec(text.getBytes(StandardCharsets.UTF_8))),
        course.ticket(),
        course.submitted(),
        grant,
        grant.isPresent() ? List.copyOf(members(id).values()) : List.of(),
        course.stop(),
        course.started(),
        course.failure(),
        course.ended(),
        course.retry(),
        course.sequel());
  }

  private Map<String, Member> members(RunId id) {
    Map<String, Member> members = decoded(Keys.grant(id), RunJson::members);
    members.replaceAll((node, placed) ->
        values.containsKey(Keys.member(id, node))
            ? decoded(Keys.member(id, node), text -> RunJson.member(placed, text))
            : placed);
    return members;
  }

  private interface Decoder<T> {
    T decode(String text);
  }

  private <T> T decoded(String key, Decoder<T> decoder) {
    String text = values.get(key);
    if (text == null) {
      throw new BookException(
          "job book: %s is missing in the store; restore a backup".formatted(key));
    }
    try {
      return decoder.decode(text);
    } catch (IllegalArgumentException e) {
      throw new BookException(
          "job book: %s in the store cannot be read; restore a backup".formatted(key), e);
    }
  }
}
