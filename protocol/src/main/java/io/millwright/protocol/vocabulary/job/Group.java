package io.millwright.protocol.vocabulary.job;

/**
 * A member's place among those of a run over several nodes.
 *
 * @param rank number of the member, from 0; the run meets at that of 0
 * @param size how many members there are
 */
public record Group(int rank, int size, Rendezvous rendezvous) {
  private static final int MOST = 10_000;

  public Group {
    Wording.between("group.size", size, 2, MOST);
    Wording.between("group.rank", rank, 0, size - 1L);
  }
}
