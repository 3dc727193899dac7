package io.millwright.agent.privileged;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.privileged.Question.Row;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question to the launcher, each slow period.
 *
 * <p><i>Lifecycle:</i> nothing is asked before the first {@link #read}, or where the node has
 * nothing of the kind. <i>Threading:</i> one owner, its lane. <i>Failure:</i> without a launcher,
 * or with one that refuses, no series; without its answer all of them are unavailable.
 */
public final class PrivilegedSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(PrivilegedSource.class);

  /** What was last said of the launcher. */
  private enum Standing {
    READS,
    NO_LAUNCHER,
    REFUSES,
    FAILS
  }

  private final Question question;
  private final LauncherCall launcher;
  private final CallWatch watch;
  private final String call;
  private Readings readings = new Readings(SeriesTable.builder().build());
  private Standing standing = Standing.READS;

  PrivilegedSource(Question question, LauncherCall launcher, CallWatch watch) {
    this.question = question;
    this.launcher = launcher;
    this.watch = watch;
    this.call = "launcher " + question.verb().getClass().getSimpleName();
  }

  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public boolean reads(Cadence cadence) {
    return cadence == Cadence.SLOW;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.SLOW) {
      return Outcome.ANSWERED;
    }
    if (!question.worthAsking()) {
      return nothing();
    }
    if (!Files.exists(launcher.socket())) {
      say(Standing.NO_LAUNCHER, "");
      return nothing();
    }
    readings.at(nowNanos);
    try {
      return told(ask(), nowNanos);
    } catch (IOException silent) {
      return failed(String.valueOf(silent.getMessage()));
    }
  }

  /** A launcher that refuses is too old, or its program that reads is masked: nobody to ask. */
  private Outcome told(Answer answer, long nowNanos) {
    if (answer instanceof Answer.Refused(String why)) {
      say(Standing.REFUSES, why);
      return nothing();
    }
    Optional<List<Row>> rows = question.rows(answer);
    if (rows.isEmpty()) {
      return failed(answer.refusal().orElse("it answered something else"));
    }
    say(Standing.READS, "");
    write(rows.get(), nowNanos);
    return Outcome.ANSWERED;
  }

  private Outcome failed(String why) {
    say(Standing.FAILS, why);
    question.unanswered();
    readings.allUnavailable(Fault.OTHER);
    return Outcome.FAILED;
  }

  private Outcome nothing() {
    question.unanswered();
    write(List.of(), 0);
    return Outcome.ANSWERED;
  }

  private Answer ask() throws IOException {
    watch.entered(call);
    int code = 1;
    try {
      Answer answer = launcher.ask(question.verb());
      code = 0;
      return answer;
    } finally {
      watch.returned(call, code);
    }
  }

  /** Once, when it begins. */
  private void say(Standing now, String why) {
    if (now == standing) {
      return;
    }
    standing = now;
    switch (now) {
      case READS -> LOG.info("the launcher reads again question={}", call);
      case NO_LAUNCHER ->
          LOG.info(
              "what only root may read is not read: there is no launcher at {} question={}",
              launcher.socket(),
              call);
      case REFUSES ->
          LOG.info(
              "what only root may read is not read: the launcher refuses question={}: {}",
              call,
              why);
      case FAILS -> LOG.warn("the launcher does not read question={}: {}", call, why);
    }
  }

  private void write(List<Row> rows, long nowNanos) {
    List<Series> series = rows.stream().map(Row::series).distinct().toList();
    if (!series.equals(all(readings.table()))) {
      SeriesTable.Builder table = SeriesTable.builder();
      series.forEach(one -> table.add(Cadence.SLOW, one));
      readings = new Readings(table.build());
    }
    readings.at(nowNanos);
    for (Row row : rows) {
      int index = series.indexOf(row.series());
      switch (row.reading()) {
        case Reading.Measured(double value) -> readings.measured(index, value);
        case Reading.Unsupported() -> readings.unsupported(index);
        case Reading.Unavailable(Fault fault) -> readings.unavailable(index, fault);
      }
    }
  }

  private static List<Series> all(SeriesTable table) {
    return IntStream.range(0, table.size()).mapToObj(table::series).toList();
  }

  @Override
  public void close() {
    question.unanswered();
  }
}
