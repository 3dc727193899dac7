package io.millwright.collector.paging;

import io.millwright.collector.incidents.Notice;

/** Takes notices to the outside. Any thread; never waits. */
interface Outlet {
  /** Where nobody is told. */
  Outlet NOBODY =
      new Outlet() {
        @Override
        public boolean wants() {
          return false;
        }

        @Override
        public void tell(Notice notice) {}
      };

  /** Whether notices are to be kept until they are told. */
  boolean wants();

  void tell(Notice notice);
}
