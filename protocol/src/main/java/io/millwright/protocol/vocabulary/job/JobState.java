package io.millwright.protocol.vocabulary.job;

import java.util.Arrays;
import java.util.Optional;

/**
 * Where a run of a job stands.
 *
 * <p>{@link #word} is the word of journal, REST and command line, {@link #metricWord} the one of
 * {@code millwright_jobs{state}}.
 */
public enum JobState {
  QUEUED("queued", "pending"),
  PLACED("placed", "starting"),
  ACCEPTED("accepted", "starting"),
  PREPARING("preparing", "starting"),
  /** Its devices are taken and looked at; it begins once the collector says that all are ready. */
  READY("ready", "starting"),
  STARTING("starting", "starting"),
  RUNNING("running", "running"),
  STOPPING("stopping", "completing"),
  CLEANING("cleaning", "completing"),
  /** Processes or device memory are left over; the devices stay taken. */
  STUCK("stuck", "stuck"),
  /** Final; not counted in {@code millwright_jobs}. */
  ENDED("ended", "");

  private final String word;
  private final String metricWord;

  JobState(String word, String metricWord) {
    this.word = word;
    this.metricWord = metricWord;
  }

  public String word() {
    return word;
  }

  /** Empty for {@link #ENDED}. */
  public String metricWord() {
    return metricWord;
  }

  /** The state of this word; empty where there is none. */
  public static Optional<JobState> ofWord(String word) {
    return Arrays.stream(values()).filter(state -> state.word.equals(word)).findFirst();
  }
}
