package io.millwright.cli;

import io.millwright.protocol.views.UsageView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code usage}: what ended runs have used, by whoever they ran for. */
@Command(
    name = "usage",
    description = {
      "Adds up what ended runs have used, of Millwright's own jobs and of another",
      "scheduler's; those with the most device time first. A cell without a number is",
      "not known. Joules and idle time are of those runs alone of which they are",
      "known: -o wide shows of how many device hours, the mean power of a device and the",
      "most power and memory that one had."
    })
final class UsageCommand implements Callable<Integer> {
  private static final List<String> WORDS = List.of("user", "project", "scheduler", "node", "job");

  private final Surroundings around;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(
      names = "--by",
      paramLabel = "WORDS",
      split = ",",
      description =
          "What to add up by: any of user, project, scheduler, node and job, with commas between;"
              + " user,project otherwise.")
  private List<String> by = new ArrayList<>();

  @Option(
      names = "--since",
      paramLabel = "T",
      converter = SpanOption.class,
      description =
          "Only runs that ended so long ago or later, as in 30d; all that are kept otherwise.")
  private @Nullable Duration since;

  UsageCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    List<String> wanted = by.isEmpty() ? List.of("user", "project") : by;
    if (!WORDS.containsAll(wanted) || wanted.stream().distinct().count() != wanted.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "--by: '%s' is refused; allowed is any of %s, with commas between and each once"
              .formatted(String.join(",", wanted), String.join(", ", WORDS)));
    }
    Listing<UsageView> listing = Views.usage(wanted);
    view.screen().list(listing, Fetched.of(connection.collector(), path(wanted), listing));
    return ExitCode.DONE;
  }

  private String path(List<String> wanted) {
    String path = "/v1/usage?by=" + String.join(",", wanted);
    return since == null
        ? path
        : path + "&since=" + Math.max(0, around.clock().wall().minus(since).toEpochMilli());
  }
}
