package io.millwright.agent;

import io.millwright.agent.scheduler.Ask;
import io.millwright.agent.scheduler.Door;
import io.millwright.agent.scheduler.Reply;
import io.millwright.agent.scheduler.SlurmJob;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code release --slurm}: Slurm's Epilog. */
@Command(
    name = "release",
    description =
        "Tells this node's agent that a job of Slurm has ended here. For slurm.conf's Epilog, of"
            + " whose environment it takes SLURM_JOB_ID and SLURM_JOB_RESTART_COUNT. Exit code 0 in any case, since a failed"
            + " epilog would drain the node.",
    mixinStandardHelpOptions = true)
final class ReleaseCommand implements Callable<Integer> {
  private final Clock clock = Clock.system();

  @Mixin private SlurmOptions options = new SlurmOptions();

  @Override
  public Integer call() {
    Optional<SlurmJob> job = SlurmJob.of(System.getenv());
    if (job.isEmpty()) {
      System.err.println("SLURM_JOB_ID: it is not set to a number; call this as Slurm's Epilog");
      return ExitCode.DONE;
    }
    try {
      Reply reply =
          Door.ask(
              options.door(),
              new Ask.End(job.get().name(), job.get().run()),
              clock,
              options.deadline());
      if (reply instanceof Reply.Done(String note)
          && !note.isEmpty()
          && !job.get().devices().isEmpty()) {
        System.err.println(note);
      } else if (reply instanceof Reply.Mistaken(String why)) {
        System.err.println("the agent did not understand: " + why);
      }
    } catch (IOException failure) {
      System.err.println(SlurmOptions.away(failure));
    }
    return ExitCode.DONE;
  }
}
