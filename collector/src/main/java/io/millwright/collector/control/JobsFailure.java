package io.millwright.collector.control;

/** What was asked of the jobs has not happened; the message is one sentence for whoever asked. */
public final class JobsFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JobsFailure(String sentence) {
    super(sentence);
  }
}
