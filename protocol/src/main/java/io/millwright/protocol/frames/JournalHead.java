package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.UUID;

/**
 * How far an agent's journals go. Statuses are numbered by this one, so another id begins them
 * anew; events by a journal of their own, whose id HELLO says behind it.
 *
 * @param id random, of the journal's making
 * @param newestEvent sequence of the last event; 0 before the first
 * @param newestStatus sequence of the last status; 0 before the first
 * @param term of the last desired state that was applied; {@link Term#NONE} before the first
 * @param generation of it
 */
public record JournalHead(
    UUID id, long newestEvent, long newestStatus, Term term, long generation) {
  public JournalHead {
    Bounds.count("newest event", newestEvent);
    Bounds.count("newest status", newestStatus);
    Bounds.count("last applied generation", generation);
  }
}
