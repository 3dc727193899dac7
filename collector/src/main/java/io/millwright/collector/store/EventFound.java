package io.millwright.collector.store;

import java.util.List;

/**
 * What a question found, which looks at so many events and no more.
 *
 * @param rows in the order of their ids
 * @param seen all up to this id were looked at; where to go on
 * @param ended whether there were no more to look at
 */
public record EventFound(List<EventRow> rows, long seen, boolean ended) {
  public EventFound {
    rows = List.copyOf(rows);
  }
}
