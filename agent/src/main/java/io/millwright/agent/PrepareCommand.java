package io.millwright.agent;

import io.millwright.agent.scheduler.Ask;
import io.millwright.agent.scheduler.Door;
import io.millwright.agent.scheduler.Reply;
import io.millwright.agent.scheduler.SlurmJob;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code prepare --slurm}: Slurm's Prolog. */
@Command(
    name = "prepare",
    description = {
      "Tells this node's agent that a job of Slurm begins here. For slurm.conf's Prolog, of whose"
          + " environment it takes SLURM_JOB_ID, SLURM_JOB_GPUS, SLURM_JOB_USER,"
          + " SLURM_JOB_ACCOUNT and SLURM_JOB_RESTART_COUNT.",
      "Exit code 75 only where a device of the job is failed: let the prolog then end with 1, upon"
          + " which Slurm drains the node and queues the job again. Never because the agent does not"
          + " answer or does not understand; of any other code the prolog ends with 0."
    },
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {
  private final Clock clock = Clock.system();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private SlurmOptions options = new SlurmOptions();

  @Option(
      names = "--on-failed",
      paramLabel = "WORD",
      description =
          "What becomes of a job with a failed device: refuse, or begin; refuse otherwise.")
  private String onFailed = "refuse";

  @Option(
      names = "--ask-restarts",
      description =
          "Asks slurmctld how often the job was queued again where the environment does not say it,"
              + " as of Slurm 22.05: a call of slurmctld for each job on each node. Without it all"
              + " are accounted as the first run.")
  private boolean askRestarts;

  @Override
  public Integer call() {
    boolean anyway =
        switch (onFailed) {
          case "refuse" -> false;
          case "begin" -> true;
          default ->
              throw new ParameterException(
                  spec.commandLine(),
                  "--on-failed: '%s' is refused; allowed is refuse or begin".formatted(onFailed));
        };
    Optional<SlurmJob> job = SlurmJob.of(System.getenv());
    if (job.isEmpty()) {
      System.err.println("SLURM_JOB_ID: it is not set to a number; call this as Slurm's Prolog");
      return ExitCode.DONE; // a mistake of the site is no reason to drain its nodes
    }
    return job.get().devices().isEmpty() ? ExitCode.DONE : prepare(job.get(), anyway);
  }

  private int prepare(SlurmJob job, boolean anyway) {
    Reply reply;
    try {
      reply =
          Door.ask(
              options.door(),
              new Ask.Begin(
                  job.name(), run(job), "slurm", job.user(), job.project(), job.devices(), anyway),
              clock,
              options.deadline());
    } catch (IOException failure) {
      System.err.println(SlurmOptions.away(failure));
      return ExitCode.DONE;
    }
    return switch (reply) {
      case Reply.Done(String note) -> {
        if (!note.isEmpty()) {
          System.err.println(note);
        }
        yield ExitCode.DONE;
      }
      case Reply.Refused(String why) -> refused(job, why);
      case Reply.Mistaken(String why) -> {
        System.err.println("the agent did not understand, and the job begins: " + why);
        yield ExitCode.DONE;
      }
      case Reply.Seen _ -> ExitCode.DONE;
    };
  }

  /** Which of the job's runs this is; the first where that is not known. */
  private int run(SlurmJob job) {
    if (job.run().isPresent() || !askRestarts) {
      return job.run().orElse(1);
    }
    try {
      return 1 + options.health(clock).restarts(job.number());
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  /** Our reason stands before Slurm gives its own. */
  private int refused(SlurmJob job, String why) {
    System.err.println("job %s does not begin here: %s".formatted(job.number(), why));
    try {
      options.health(clock).unfit(why).ifPresent(System.err::println);
    } catch (IOException e) {
      System.err.println(e.getMessage());
    }
    return ExitCode.REFUSED;
  }
}
