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
 * nothing of the kind. <i>Threading:</i> one owner, its lane. <i>Failure:</i> without a launcher no
 * series; without its answer all of them are unavailable.
 */
public final class PrivilegedSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(PrivilegedSource.class);
  private static final String NO_LAUNCHER = "there is no launcher";

  private final Question question;
  private final LauncherCall launcher;
  private final CallWatch watch;
  private final String call;
  private Readings readings = new Readings(SeriesTable.builder().build());
  private String trouble = "";

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
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.SLOW) {
      return Outcome.ANSWERED;
    }
    if (!question.worthAsking()) {
      return nothing();
    }
    if (!Files.exists(launcher.socket())) {
      say(NO_LAUNCHER);
      return nothing();
    }
    readings.at(nowNanos);
    Optional<List<Row>> rows = asked();
    if (rows.isEmpty()) {
      question.unanswered();
      readings.allUnavailable(Fault.OTHER);
      return Outcome.FAILED;
    }
    write(rows.get(), nowNanos);
    return Outcome.ANSWERED;
  }

  private Outcome nothing() {
    question.unanswered();
    write(List.of(), 0);
    return Outcome.ANSWERED;
  }

  private Optional<List<Row>> asked() {
    watch.entered(call);
    int code = 1;
    try {
      Answer answer = launcher.ask(question.verb());
      Optional<List<Row>> rows = question.rows(answer);
      code = rows.isPresent() ? 0 : 1;
      say(rows.isPresent() ? "" : answer.refusal().orElse("it answered something else"));
      return rows;
    } catch (IOException silent) {
      say(String.valueOf(silent.getMessage()));
      return Optional.empty();
    } finally {
      watch.returned(call, code);
    }
  }

  /** Once, when it begins and when it ends. */
  private void say(String now) {
    boolean was = !trouble.isEmpty();
    boolean is = !now.isEmpty();
    if (is && now.equals(NO_LAUNCHER) && !trouble.equals(now)) {
      LOG.info(
          "what only root may read is not read: there is no launcher at {} question={}",
          launcher.socket(),
          call);
    } else if (is && !was) {
      LOG.warn("the launcher does not read question={}: {}", call, now);
    } else if (was && !is) {
      LOG.info("the launcher reads again question={}", call);
    }
    trouble = now;
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
