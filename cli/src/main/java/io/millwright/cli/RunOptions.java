package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.views.JobView;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which run of a job: its newest, one that {@code --run} says, or one by its id. */
final class RunOptions {
  private static final Pattern ID = Pattern.compile("(.+)-r([1-9][0-9]{0,8})");

  @Parameters(paramLabel = "J", description = "The job's name, or a run's as in hello-r1.")
  private String job = "";

  @Option(names = "--run", paramLabel = "N", description = "Its run; the newest.")
  private @Nullable Integer run;

  /** The run as the collector has it. A name that is a job's own goes before one of a run. */
  JsonNode find(Collector collector) {
    if (run != null) {
      return collector.get(path(job, "") + "?run=" + run);
    }
    try {
      return collector.get(path(job, ""));
    } catch (CollectorException e) {
      Matcher id = ID.matcher(job);
      if (e.kind() != Kind.NOT_FOUND || !id.matches()) {
        throw e;
      }
      return ofId(collector, id, e);
    }
  }

  private static JsonNode ofId(Collector collector, Matcher id, CollectorException unknown) {
    try {
      return collector.get(path(id.group(1), "") + "?run=" + id.group(2));
    } catch (CollectorException e) {
      throw e.kind() == Kind.NOT_FOUND ? unknown : e;
    }
  }

  JobView view(Collector collector) {
    return collector.view(find(collector), JobView.class);
  }

  /** The path of a job, and of what belongs to it. */
  static String path(String job, String below) {
    return "/v1/jobs/" + Collector.part(job) + below;
  }
}
