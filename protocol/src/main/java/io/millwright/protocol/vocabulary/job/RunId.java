package io.millwright.protocol.vocabulary.job;

import java.util.regex.Pattern;

/**
 * One run of a job: its name in the book, its unit's name on the node.
 *
 * @param job name of the job
 * @param run from 1; a restart makes the next
 */
public record RunId(String job, int run) implements Comparable<RunId> {
  private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?");

  public RunId {
    Wording.matching(
        "name", job, NAME, "1 to 48 of a-z, 0-9 and '-', with a letter or a digit first and last");
    Wording.between("run", run, 1, Integer.MAX_VALUE);
  }

  /** {@code hello-r1}. */
  public String text() {
    return job + "-r" + run;
  }

  @Override
  public int compareTo(RunId other) {
    int byName = job.compareTo(other.job);
    return byName != 0 ? byName : Integer.compare(run, other.run);
  }
}
