/* Conveniences on top of pages that are complete without them: copying, finding a project, filtering and sorting the table. */
(() => {
  "use strict";

  const copy = async (button) => {
    const before = [...button.childNodes];
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Without the permission to write, mark the text so that a key press copies it.
      const text = button.parentElement.querySelector("code");
      getSelection().selectAllChildren(text);
      said = "Selected";
    }
    button.replaceChildren(said);
    setTimeout(() => button.replaceChildren(...before), 1500);
  };

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(button));
  }

  for (const note of document.querySelectorAll("[data-last-run]")) {
    // Only the reader's clock can tell that a page is old; the page itself says from which day on it is.
    const { lastRun, days } = note.dataset;
    const past = Math.floor((Date.now() - Date.parse(lastRun)) / (24 * 3600 * 1000));
    note.hidden = past <= Number(days);
    if (note.hidden) continue;
    note.classList.add("wr-late");
    const strong = document.createElement("strong");
    strong.textContent = `The last run was ${past} days ago, on ${lastRun}.`;
    note.replaceChildren(strong, ` There should be one every night: ${past - 1} nights were missed since, and answers may be old.`);
  }

  const collator = new Intl.Collator("en", { numeric: true });
  const normal = (text) => text.trim().toLowerCase().replace(/[-_.\s]+/g, "-");
  const element = (name, options = {}, ...children) => {
    const made = Object.assign(document.createElement(name), options);
    made.append(...children);
    return made;
  };

  /* The rows: those that the page came with, or, where the list goes on, all of them from files of their own. */

  const COLUMNS = ["name", "status", "version", "repeatable", "robust", "published", "day"];

  class Rows {
    constructor(table, files = [], root = ".") {
      this.table = table;
      this.statuses = table.dataset.sort.split(" ");
      this.all = [...table.tBodies[0].rows].map((row) => this.fromPage(row));
      this.files = files;
      this.root = root;
      this.asked = null;
    }

    fromPage(row) {
      const text = (index) => row.cells[index].textContent.trim();
      return { ...row.dataset, name: text(0), version: text(2), day: text(6), element: row, label: text(1) };
    }

    complete() {
      return !this.files.length;
    }

    /* Load the files once; the promise is the same for everybody who asks. */
    load() {
      this.asked ??= this.complete() ? Promise.resolve() : this.fetch();
      return this.asked;
    }

    async fetch() {
      const parts = [];
      window.wheelreport = { take: (part) => { parts[part.number] = part; } };
      await Promise.all(this.files.map((file) => new Promise((resolve, reject) => {
        document.head.append(element("script", { src: `${this.root}/${file}`, onload: resolve, onerror: reject }));
      })));
      const { one, several, words } = parts[0];
      const own = new Map(this.all.map((row) => [row.name, row]));
      this.all = parts.flatMap((part) => part.rows.map((cells) => {
        const row = { name: cells[0], version: cells[1], day: cells[2], stale: cells.at(-1) === 1 };
        one.forEach((kind, index) => {
          const [key, label] = words[kind][cells[3 + index]] ?? ["", ""];
          row[kind] = key;
          row[`${kind}Label`] = label;
        });
        several.forEach((kind, index) => {
          row[kind] = cells[3 + one.length + index].map((number) => words[kind][number][0]).join(" ");
        });
        row.label = row.statusLabel;
        return own.get(row.name) ?? row;
      }));
      this.files = [];
    }

    /* Make a row as the page has them. */
    draw(row) {
      if (row.element) return row.element;
      const answer = (question) => element("td", {}, element("span", {
        className: `wr-answer wr-is-${row[question] || "not-checked"}`,
      }, row[`${question}Label`] || "not checked"));
      const status = element("td", {}, element("span", { className: `wr-status wr-${row.status}` }, row.statusLabel));
      if (row.stale) status.append(" ", element("span", { className: "wr-stale" }, "stale"));
      const link = element("a", { href: `${this.root}/project/${row.name}.html` }, row.name);
      row.element = element("tr", {}, element("th", { scope: "row" }, link), status, element("td", {}, row.version),
        answer("repeatable"), answer("robust"), answer("published"),
        element("td", {}, row.day ? element("time", { dateTime: row.day }, row.day) : ""));
      row.element.dataset.status = row.status;
      return row.element;
    }

    order(column, down) {
      const compare = column === "status"
        ? (one, other) => this.statuses.indexOf(one.status) - this.statuses.indexOf(other.status)
        : (one, other) => collator.compare(one[column] ?? "", other[column] ?? "");
      return (one, other) => (down ? -1 : 1) * (compare(one, other) || 0) || collator.compare(one.name, other.name);
    }
  }

  const stores = new Map();
  const rowsOf = (table) => {
    if (!stores.has(table)) {
      const form = document.querySelector(`form[data-filter="${table.id}"]`);
      stores.set(table, new Rows(table, form?.dataset.chunks?.split(" ") ?? [], form?.dataset.root ?? "."));
    }
    return stores.get(table);
  };

  /* One view of a table: which rows fit, in which order, and which part of them is shown. */

  class View {
    constructor(table) {
      this.table = table;
      this.rows = rowsOf(table);
      this.form = document.querySelector(`form[data-filter="${table.id}"]`);
      this.fields = this.form ? [...this.form.elements].filter((field) => field.name) : [];
      this.perPage = Number(this.form?.dataset.perPage) || Infinity;
      this.sort = "name";
      this.down = false;
      this.page = 1;
      this.headers = [...table.tHead.rows[0].cells];
      this.headers.forEach((header, index) => this.addButton(header, COLUMNS[index]));
      if (this.form) this.connect();
    }

    addButton(header, column) {
      const button = element("button", { type: "button", className: "wr-sort" }, ...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        this.down = this.sort === column && !this.down;
        this.sort = column;
        this.page = 1;
        this.change();
      });
      this.mark();
    }

    mark() {
      this.headers.forEach((header, index) => {
        if (COLUMNS[index] === this.sort) header.ariaSort = this.down ? "descending" : "ascending";
        else header.removeAttribute("aria-sort");
      });
    }

    connect() {
      const { form } = this;
      this.output = form.querySelector("output");
      this.reset = form.querySelector("[type=reset]");
      // The way to the next page takes the place of links to pages that are not filtered.
      this.given = this.table.parentElement.parentElement.querySelector(".wr-pager");
      const turn = (label, by) => {
        const button = element("button", { type: "button", className: "wr-turn" }, label);
        button.addEventListener("click", () => {
          this.page += by;
          this.change();
          this.table.scrollIntoView({ block: "start" });
        });
        return button;
      };
      this.back = turn("Previous", -1);
      this.next = turn("Next", 1);
      this.place = element("span");
      this.turner = element("nav", { className: "wr-pager wr-turner", hidden: true }, this.back, this.place, this.next);
      this.turner.setAttribute("aria-label", "Pages of what is shown");
      this.table.parentElement.after(this.turner);

      const query = new URLSearchParams(location.search);
      for (const field of this.fields) {
        const value = query.get(field.name) ?? "";
        if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
      }
      if (COLUMNS.includes(query.get("sort"))) this.sort = query.get("sort");
      this.down = query.get("order") === "down";
      this.page = Math.max(1, Number.parseInt(query.get("page"), 10) || 1);
      form.hidden = false;
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("input", () => { this.page = 1; this.change(); });
      form.addEventListener("reset", () => setTimeout(() => {
        for (const field of this.fields) field.value = "";
        this.page = 1;
        this.change();
      }));
      form.addEventListener("focusin", () => { this.rows.load().catch(() => {}); }, { once: true });
      if (this.asks()) this.show();
      else this.tell(this.rows.all.length);
    }

    asks() {
      return this.fields.some((field) => field.value.trim()) || this.sort !== "name" || this.down || this.page > 1;
    }

    fits(row) {
      return this.fields.every(({ name, value }) => {
        if (!value.trim()) return true;
        if (name === "q") return row.name.includes(normal(value));
        return (row[name] ?? "").split(" ").includes(value);
      });
    }

    change() {
      this.show();
      if (!this.form) return;
      const query = new URLSearchParams();
      for (const { name, value } of this.fields) if (value.trim()) query.set(name, value.trim());
      if (this.sort !== "name" || this.down) query.set("sort", this.sort);
      if (this.down) query.set("order", "down");
      if (this.page > 1) query.set("page", this.page);
      history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
    }

    async show() {
      if (!this.rows.complete()) {
        this.output?.replaceChildren("Loading all projects …");
        try {
          await this.rows.load();
        } catch {
          this.output?.replaceChildren(`Not everything could be loaded; this looks at ${this.rows.all.length} projects.`);
        }
      }
      const found = this.rows.all.filter((row) => this.fits(row)).sort(this.rows.order(this.sort, this.down));
      const pages = Math.max(1, Math.ceil(found.length / this.perPage));
      this.page = Math.min(this.page, pages);
      const start = this.perPage === Infinity ? 0 : (this.page - 1) * this.perPage;
      const shown = found.slice(start, start + this.perPage);
      this.table.tBodies[0].replaceChildren(...shown.map((row) => this.rows.draw(row)));
      this.mark();
      if (this.form) this.tell(found.length, pages);
    }

    tell(count, pages = 0) {
      const all = Number(this.form.dataset.all);
      if (!pages) {
        this.output.textContent = `${all} projects`;
        return;
      }
      this.output.textContent = `${count} of ${all} ${all === 1 ? "project" : "projects"}`;
      this.reset.hidden = !this.fields.some((field) => field.value.trim());
      if (this.given) this.given.hidden = true;
      this.turner.hidden = pages === 1;
      this.place.textContent = `Page ${this.page} of ${pages}`;
      this.back.disabled = this.page === 1;
      this.next.disabled = this.page === pages;
    }
  }

  for (const table of document.querySelectorAll("table[data-sort]")) new View(table);

  /* Finding one project by its name, at the top of the first page. */

  for (const form of document.querySelectorAll("form[data-find]")) {
    const table = document.getElementById(form.dataset.find);
    const rows = rowsOf(table);
    const field = form.elements.q;
    const list = form.querySelector("ul");
    const said = form.querySelector("output");
    let found = [];

    const look = async () => {
      const wanted = normal(field.value);
      if (wanted) await rows.load().catch(() => {});
      if (wanted !== normal(field.value)) return;
      const rank = (name) => (name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2);
      found = wanted ? rows.all.filter((row) => row.name.includes(wanted)) : [];
      found.sort((one, other) => rank(one.name) - rank(other.name) || collator.compare(one.name, other.name));
      list.replaceChildren(...found.slice(0, 6).map((row) => {
        const link = element("a", { href: `${form.dataset.root}/project/${row.name}.html` },
          element("strong", {}, row.name), ` ${row.version} `);
        const status = element("span", { className: `wr-status wr-${row.status}` });
        status.append(row.label.replace(/\s+stale$/, ""));
        link.append(status);
        return element("li", {}, link);
      }));
      const to = (page, text) => element("a", { href: `${form.dataset.root}/${page}.html` }, text);
      if (!wanted || found.length) said.textContent = wanted ? `${found.length} found` : "";
      else said.replaceChildren("Not tracked. You can ", to("check", "check it yourself"), " or ", to("request", "ask for it"), ".");
    };

    form.hidden = false;
    field.addEventListener("input", look);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await look();
      if (found.length) list.querySelector("a").click();
    });
    const asked = new URLSearchParams(location.search);
    if (asked.has("q") && asked.size === 1 && !location.hash) {
      field.value = asked.get("q");
      look();
    }
  }
})();
