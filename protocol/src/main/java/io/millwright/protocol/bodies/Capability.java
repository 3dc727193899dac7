package io.millwright.protocol.bodies;

import io.millwright.protocol.vocabulary.job.Demand;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** The words by which HELLO says what an agent can do with jobs; {@code docs/protocol.md}. */
public final class Capability {
  private static final Set<String> MODES = Set.of("observe", "assist", "execute");

  /** The agent understands DESIRED, and tells how its runs go on. */
  public static final String JOBS = "jobs";

  /** It takes jobs that are new to it. */
  public static final String NEW_JOBS = "new-jobs";

  /** It answers READ_OUTPUT. */
  public static final String OUTPUT = "output";

  /** It answers CAP_POWER, and its configuration says that power limits are Millwright's to set. */
  public static final String POWER = "power";

  /** It answers CAPTURE and READ_BUNDLE. */
  public static final String EVIDENCE = "evidence";

  /** It reads the group of an assignment: where the members of a run over several nodes meet. */
  public static final String GROUPS = "groups";

  /** It reads INVENTORY, and keeps what was accepted of its equipment. */
  public static final String INVENTORY = "inventory";

  /** It reads the checks of a job's spec, and does them. */
  public static final String CHECKS = Demand.CHECKS.word();

  /** It reads the secrets and hooks of a job's spec, and does as they say or refuses the job. */
  public static final String SECRETS = Demand.SECRETS.word();

  /** It reads the recall of a desired state, and answers with every run that it remembers. */
  public static final String RECALL = "recall";

  /**
   * It reads the holds of a desired state: a member of a run over several nodes gets ready, and
   * begins only once a later state names it without.
   */
  public static final String HOLD = "hold";

  /** It reads AUDIT_HEAD, keeps what it was told, and tells it by AUDIT_HEADS. */
  public static final String AUDIT = "audit";

  /** It reads the signed orders of a desired state, and hands them to the node's launcher. */
  public static final String ORDERS = "orders";

  /** It gives MIG instances to jobs, as well as whole devices. */
  public static final String INSTANCES = "instances";

  /** It gives runs the IMEX channel that the collector chose, where driver and policy allow it. */
  public static final String IMEX = Demand.IMEX.word();

  /** It ends runs whose spec says so by their lease, and its node's policy allows that. */
  public static final String LEASES = Demand.LEASES.word();

  /** It begins jobs in containers, and its node's policy allows that. */
  public static final String CONTAINERS = Demand.CONTAINERS.word();

  /**
   * How the word begins that says who gives the node's devices out: {@code mode-observe}, {@code
   * mode-assist} or {@code mode-execute}. An agent that says none is of before, and its mode is not
   * known.
   */
  private static final String MODE = "mode-";

  private Capability() {}

  /** The word of a mode, as in {@code assist}. */
  public static String ofMode(String mode) {
    return MODE + mode;
  }

  /** The mode among the words of HELLO; empty where the agent does not say it. */
  public static Optional<String> mode(Collection<String> words) {
    return words.stream()
        .filter(word -> word.startsWith(MODE))
        .map(word -> word.substring(MODE.length()))
        .filter(MODES::contains)
        .findFirst();
  }
}
