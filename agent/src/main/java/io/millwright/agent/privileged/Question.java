package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;
import java.util.Optional;

/** One verb that reads, and what its answer means. Owned by its lane. */
interface Question {

  /** A series and what was read of it. */
  record Row(Series series, Reading reading) {}

  Verb.Read verb();

  /** Whether this node has anything to ask for, as far as anybody may see. */
  boolean worthAsking();

  /** The series; empty for what answers another question. */
  Optional<List<Row>> rows(Answer answer);

  /** There was no answer this time, or nobody to ask. */
  default void unanswered() {}
}
