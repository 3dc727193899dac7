package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The processes of jobs, each run one unit that outlives the agent.
 *
 * <p><i>Lifecycle:</i> {@link #list} once, then {@link #watch} once, then the rest; {@link #close}
 * stops looking and leaves every process as it is. <i>Threading:</i> the owner's thread asks and
 * never waits long; answers come on the unit's own thread through the {@link Watcher}.
 * <i>Failure:</i> what goes wrong with a run is told about that run; only a store that cannot be
 * read at the start throws {@link LauncherException}.
 */
public interface Units extends AutoCloseable {

  /** What became of runs, told on the unit's thread, each piece of news once. */
  interface Watcher {
    /** It is there, is not there, or ended; {@link Presence.NeverBegan} is never told. */
    void changed(RunId run, Presence presence);

    /**
     * What is to be done before it has been done, or not.
     *
     * @param trouble why it may not begin; one sentence
     */
    default void prepared(RunId run, Optional<String> trouble) {}

    /** Nothing is left of it. */
    void cleaned(RunId run);

    /**
     * The kill was long ago and something is still there; {@link #cleaned} may come later.
     *
     * @param why what is there, and what it waits for; one sentence
     */
    void overdue(RunId run, String why);
  }

  /** Whether who begins its runs looks at the collector's signature. */
  default boolean takesOrders() {
    return false;
  }

  /** Whether somebody ends a run with its lease when the agent is dead: {@link #renew}. */
  default boolean endsLeases() {
    return false;
  }

  /** Whether a run gets the node's secrets, and hooks run around it. */
  default boolean givesSecrets() {
    return true;
  }

  /** Why runs are given no IMEX channel, in one sentence; empty where they are. */
  default Optional<String> channelless() {
    return Optional.of("nobody makes the nodes of IMEX channels for jobs here");
  }

  /** Why it begins no job in a container, in one sentence; empty where it does. */
  default Optional<String> containerless() {
    return Optional.of("container: jobs have none here");
  }

  /** Of the kernel that runs now. */
  String bootId();

  /** Since the boot, the machine's sleep included: CLOCK_BOOTTIME, by which leases end. */
  default Duration uptime() {
    return ProcessTable.sinceBoot();
  }

  /** Why this way of running cannot do what is asked; empty when it can. */
  Optional<String> refusal(Assignment assignment, Policy policy);

  /**
   * All that is there. A start that an earlier agent had asked for and that has not begun is made
   * void, so that it cannot begin behind the back of who reads this.
   */
  List<Unit> list();

  void watch(Watcher watcher);

  /** Whether the node's policy wants something done around a job: {@link #prepare}. */
  default boolean prepares(Assignment assignment, Policy policy) {
    return false;
  }

  /** Does what is to be done before a run; told as {@link Watcher#prepared}, whenever that is. */
  default void prepare(Launch launch) {}

  /** A run for which that may have been done will not begin; undone, and nothing is told. */
  default void abandon(RunId run) {}

  /**
   * Begins it; told as {@link Presence.Running}, {@link Presence.Failed} or {@link Presence.Gone}.
   * A run that has ever begun does not begin again.
   */
  void start(Launch launch);

  /**
   * Whoever ends runs without the agent lets this one go on until then, also one that is about to
   * begin. Nothing happens where nobody does.
   *
   * @param until by {@link #uptime}
   */
  default void renew(RunId run, Duration until) {}

  /** Asks it to end, and kills all of it after the grace; its end is told. */
  void stop(RunId run, Duration grace);

  /** Ends what is left of a run whose process is gone; told as cleaned or overdue. */
  void clean(RunId run, Duration grace);

  /**
   * Where what it printed is kept, the older first; bounded: what came before the first is dropped,
   * and a file may be gone when it is read.
   */
  List<OutputPart> output(RunId run);

  /** Deletes what is kept of a run that ended. */
  void forget(RunId run);

  @Override
  void close();
}
