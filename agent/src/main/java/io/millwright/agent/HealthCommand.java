package io.millwright.agent;

import io.millwright.agent.scheduler.Ask;
import io.millwright.agent.scheduler.Door;
import io.millwright.agent.scheduler.Reply;
import io.millwright.agent.scheduler.SlurmHealth;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code health --slurm}: Slurm's HealthCheckProgram. */
@Command(
    name = "health",
    description = {
      "Tells Slurm how this node is by its agent's verdicts: drains it while a part is failed, and"
          + " takes its own drain back once all are well. For slurm.conf's HealthCheckProgram.",
      "Leaves the node as it is while its agent does not answer. Exit code 0 then too, and 1 where"
          + " scontrol fails."
    },
    mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {
  private final Clock clock = Clock.system();

  @Mixin private SlurmOptions options = new SlurmOptions();

  @Option(
      names = "--comment",
      description =
          "Writes what each running job has used here into its AdminComment, too; two calls"
              + " of slurmctld for each.")
  private boolean comment;

  @Override
  public Integer call() {
    Reply reply;
    try {
      reply = Door.ask(options.door(), new Ask.Look(), clock, options.deadline());
    } catch (IOException failure) {
      System.err.println(SlurmOptions.away(failure));
      return ExitCode.DONE;
    }
    if (!(reply instanceof Reply.Seen seen)) {
      System.err.println("the agent does not say how the node is; is it of another version?");
      return ExitCode.DONE;
    }
    return follow(seen);
  }

  private int follow(Reply.Seen seen) {
    SlurmHealth slurm = options.health(clock);
    int failed = 0;
    try {
      slurm.follow(seen).ifPresent(System.out::println);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      failed++;
    }
    for (Reply.Running run : seen.runs()) {
      if (SlurmHealth.ours(run.account())) {
        failed += follow(slurm, run);
      }
    }
    return failed == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  /** How many things failed. */
  private int follow(SlurmHealth slurm, Reply.Running run) {
    try {
      if (run.unsure() && slurm.over(run.account())) {
        RunId ended = run.account().run();
        Door.ask(
            options.door(),
            new Ask.End(ended.job(), OptionalInt.of(ended.run())),
            clock,
            options.deadline());
      } else if (comment) {
        slurm.comment(run.account());
      }
      return 0;
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
