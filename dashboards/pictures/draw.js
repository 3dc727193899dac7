// Draws the committed dashboards as pictures, from the answers of a running Prometheus:
//
//   npm ci && node draw.js http://127.0.0.1:9090 OUT MINUTES node=node1 accelerator=5 job=train-r1
//
// It is no Grafana: panels have its places, queries, units, words and colours, and not its look. A panel whose query has
// no answer says so in the picture. HIDE=REGEX leaves out series with such a label value, as paths of the machine that draws.
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as echarts from 'echarts'
import { Resvg } from '@resvg/resvg-js'

const [prometheus, out, minutes, ...choices] = process.argv.slice(2)
if (!minutes) {
  console.error('usage: node draw.js PROMETHEUS OUT MINUTES [VARIABLE=VALUE]...')
  process.exit(64)
}
const choice = Object.fromEntries(choices.map(one => one.split('=')))
let chosen = {}
const boards = join(dirname(fileURLToPath(import.meta.url)), '..', 'grafana')
const COLUMN = 50
const LINE = 30
const INK = '#1f2933'
const FAINT = '#6b7680'
const PALETTE = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8C6BB1', '#7F7F7F', '#B8A000', '#004D40', '#A65628', '#1B9E77']
const end = Math.floor(Date.now() / 1000)
const start = end - minutes * 60
const step = Math.max(2, Math.round((minutes * 60) / 240))

// ---- questions

function filled (text) {
  return text.replace(/\$__rate_interval/g, `${Math.max(20, step * 4)}s`)
    .replace(/\$__range/g, `${minutes}m`)
    .replace(/\$([a-z]+)/g, (_, name) => chosen[name] ?? '.*')
}

async function ask (path, parameters) {
  const url = `${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`
  const answer = await (await fetch(url)).json()
  if (answer.status !== 'success') throw new Error(`${parameters.query}: ${answer.error}`)
  return answer.data.result
}

const hidden = process.env.HIDE && new RegExp(process.env.HIDE)
const shown = series => series.filter(one => !hidden || !Object.values(one.metric).some(value => hidden.test(value)))
const over = async query => shown(await ask('query_range', { query: filled(query), start, end, step }))
const now = async query => shown(await ask('query', { query: filled(query), time: end }))
const named = (legend, labels) => legend.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '')

// ---- words and numbers

const SCALED = { short: ['', 1000], bytes: ['B', 1024], Bps: ['B/s', 1000], watt: ['W', 1000], joule: ['J', 1000], hertz: ['Hz', 1000], cps: ['/s', 1000] }
const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P']

function written (value, unit) {
  if (unit === 'percentunit') return `${trimmed(value * 100)} %`
  if (unit === 'celsius') return `${trimmed(value)} °C`
  if (unit === 's') return duration(value)
  if (unit === 'dateTimeAsIso') return new Date(value).toISOString().slice(0, 19).replace('T', ' ')
  const [suffix, base] = SCALED[unit] ?? ['', 1000]
  let scaled = value
  let power = 0
  while (Math.abs(scaled) >= base && power < PREFIXES.length - 1) {
    scaled /= base
    power++
  }
  const prefix = PREFIXES[power] && (base === 1024 ? `${PREFIXES[power].toUpperCase()}i` : PREFIXES[power])
  return `${trimmed(scaled)} ${prefix}${suffix}`.trim()
}

function duration (seconds) {
  if (seconds === 0) return '0 s'
  if (Math.abs(seconds) < 1) return `${trimmed(seconds * 1000)} ms`
  if (seconds < 120) return `${trimmed(seconds)} s`
  if (seconds < 7200) return `${trimmed(seconds / 60)} min`
  return seconds < 172800 ? `${trimmed(seconds / 3600)} h` : `${trimmed(seconds / 86400)} d`
}

const trimmed = value => String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)))
const words = config => config?.mappings?.[0]?.options
const escaped = text => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

function cut (text, width, size) {
  const most = Math.max(3, Math.floor(width / (size * 0.6)))
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

function text (x, y, size, content, { colour = INK, weight = 400, anchor = 'start' } = {}) {
  return `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size}" font-weight="${weight}" fill="${colour}" text-anchor="${anchor}">${escaped(content)}</text>`
}

const nothing = (w, h) => text(w / 2, h / 2 + 10, 12, 'no data', { colour: FAINT, anchor: 'middle' })

// ---- forms

async function stat (panel, w, h) {
  const config = panel.fieldConfig.defaults
  const series = await over(panel.targets[0].expr)
  const last = series[0]?.values.at(-1)
  if (!last || last[1] === 'NaN') return nothing(w, h)
  const value = Number(last[1])
  const word = words(config)?.[value]
  if (word) {
    return `<rect x="1" y="24" width="${w - 2}" height="${h - 25}" rx="3" fill="${word.color}"/>` +
      text(w / 2, h / 2 + 22, 24, word.text, { colour: '#fff', weight: 700, anchor: 'middle' })
  }
  const colour = config.thresholds.steps.filter(s => s.value === null || value >= s.value).at(-1).color
  return course(series[0].values, w, h, colour) +
    text(w / 2, h / 2 + 20, 24, written(value, config.unit), { colour: INK, weight: 700, anchor: 'middle' }) +
    `<rect x="0" y="${h - 4}" width="${w}" height="4" fill="${colour}"/>`
}

function course (values, w, h, colour) {
  const numbers = values.map(v => Number(v[1]))
  const low = Math.min(0, ...numbers)
  const high = Math.max(...numbers) * 1.1 || 1
  const points = values.map(([at, value]) =>
    `${((at - start) / (end - start)) * w},${h - 4 - ((Number(value) - low) / (high - low)) * (h - 40)}`)
  return `<polygon points="${points[0].split(',')[0]},${h - 4} ${points.join(' ')} ${points.at(-1).split(',')[0]},${h - 4}" fill="${colour}" fill-opacity="0.15"/>`
}

function chart (option, w, h) {
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: w, height: h - 24 })
  instance.setOption({ animation: false, color: PALETTE, textStyle: { fontFamily: 'DejaVu Sans, sans-serif', color: INK }, ...option })
  const svg = instance.renderToSVGString()
  instance.dispose()
  return `<g transform="translate(0,24)">${svg}</g>`
}

const legend = count => ({ type: 'plain', bottom: 2, left: 8, right: 8, itemWidth: 10, itemHeight: 6, itemGap: 16, icon: 'rect', textStyle: { fontSize: 10, color: INK }, show: count > 0 })
const axisX = { type: 'time', min: start * 1000, max: end * 1000, splitNumber: 4, axisLabel: { fontSize: 10, color: FAINT, formatter: '{HH}:{mm}', hideOverlap: true }, axisLine: { lineStyle: { color: '#c3cad1' } } }

async function lines (panel, w, h) {
  const { unit, custom } = panel.fieldConfig.defaults
  const series = []
  for (const target of panel.targets) {
    for (const one of await over(target.expr)) {
      series.push({ name: named(target.legendFormat, one.metric), values: one.values })
    }
  }
  if (!series.length) return nothing(w, h)
  const stacked = custom.stacking.mode === 'normal'
  if (stacked) align(series)
  const bands = Math.ceil(series.reduce((sum, s) => sum + s.name.length * 6.6 + 36, 0) / (w - 20))
  return chart({
    grid: { left: 62, right: 12, top: 10, bottom: 26 + Math.min(bands, 5) * 22 },
    legend: legend(series.length),
    xAxis: axisX,
    yAxis: { type: 'value', min: v => Math.min(0, v.min), minInterval: unit === 'short' ? 1 : undefined, splitNumber: 4, axisLabel: { fontSize: 10, color: FAINT, formatter: v => written(v, unit) }, splitLine: { lineStyle: { color: '#e6e9ec' } } },
    series: series.map(s => ({ name: s.name, type: 'line', showSymbol: false, stack: stacked ? 'all' : undefined, lineStyle: { width: 1.4 }, areaStyle: { opacity: stacked ? 0.45 : 0.06 }, data: s.values.map(([at, v]) => [at * 1000, v === 'NaN' ? null : Number(v)]) }))
  }, w, h)
}

// A stack adds up what stands at the same time; who is silent then adds nothing.
function align (series) {
  const times = [...new Set(series.flatMap(one => one.values.map(([at]) => at)))].sort((a, b) => a - b)
  for (const one of series) {
    const known = new Map(one.values)
    one.values = times.map(at => [at, known.get(at) ?? '0'])
  }
}

async function timeline (panel, w, h) {
  const map = words(panel.fieldConfig.defaults)
  const rows = []
  for (const target of panel.targets) {
    for (const one of await over(target.expr)) rows.push({ name: named(target.legendFormat, one.metric), values: one.values })
  }
  if (!rows.length) return nothing(w, h)
  const left = Math.min(w / 3, 14 + 6.6 * Math.max(...rows.map(row => row.name.length)))
  const high = Math.min(30, (h - 66) / rows.length)
  const scale = (w - left - 12) / (end - start)
  let svg = ''
  rows.forEach((row, i) => {
    const y = 32 + i * high
    svg += text(left - 6, y + high / 2 + 3, Math.min(11, high * 0.8), row.name, { anchor: 'end' })
    for (const run of runs(row.values)) {
      const word = map[run.value]
      const wide = Math.max(1, (run.to - run.from) * scale)
      svg += `<rect x="${left + (run.from - start) * scale}" y="${y}" width="${wide}" height="${high - 3}" fill="${word?.color ?? '#ccc'}"/>`
      if (wide > 7 * (word?.text.length ?? 9) && high > 12) {
        svg += text(left + (run.from - start) * scale + wide / 2, y + high / 2 + 2, Math.min(10, high * 0.6), word.text, { colour: '#fff', anchor: 'middle', weight: 700 })
      }
    }
  })
  let x = 10
  for (const word of Object.values(map)) {
    svg += `<rect x="${x}" y="${h - 18}" width="10" height="8" fill="${word.color}"/>` + text(x + 14, h - 10, 10, word.text)
    x += 30 + word.text.length * 7
  }
  return svg
}

function runs (values) {
  const found = []
  for (const [at, value] of values) {
    const last = found.at(-1)
    if (last && last.value === value && at - last.to <= step) last.to = at
    else found.push({ value, from: last && at - last.to <= step ? last.to : at - step, to: at })
  }
  return found
}

async function table (panel, w, h) {
  const order = panel.transformations.find(t => t.id === 'organize').options
  const rows = new Map()
  const labels = Object.keys(order.indexByName).filter(name => !name.startsWith('Value')).sort((a, b) => order.indexByName[a] - order.indexByName[b])
  const columns = [...labels]
  for (const [i, target] of panel.targets.entries()) {
    const column = order.renameByName[panel.targets.length === 1 ? 'Value' : `Value #${target.refId}`]
    if (column) columns.push(column)
    for (const one of await now(target.expr)) {
      const key = labels.map(label => one.metric[label] ?? '').join('\u0000')
      const row = rows.get(key) ?? Object.fromEntries(labels.map(label => [label, { text: one.metric[label] ?? '' }]))
      if (column) row[column] = cell(panel, column, Number(one.value[1]))
      rows.set(key, row)
    }
  }
  if (!rows.size) return nothing(w, h)
  const most = Math.floor((h - 62) / 20)
  const all = [...rows.values()]
  const wide = columns.map(column => Math.min(36, Math.max(column.length, ...all.map(row => (row[column]?.text ?? '').length))) + 2)
  const sum = wide.reduce((a, b) => a + b)
  let svg = ''
  let x = 10
  columns.forEach((column, i) => {
    const width = (wide[i] / sum) * (w - 20)
    svg += text(x, 42, 11, cut(column, width, 11), { weight: 700, colour: FAINT })
    all.slice(0, most).forEach((row, line) => {
      const value = row[column]
      if (value) svg += text(x, 62 + line * 20, 11, cut(value.text, width, 11), { colour: value.colour ?? INK, weight: value.colour ? 700 : 400 })
    })
    x += width
  })
  svg += `<line x1="8" x2="${w - 8}" y1="48" y2="48" stroke="#c3cad1"/>`
  return all.length > most ? svg + text(w - 10, h - 8, 10, `and ${all.length - most} more`, { colour: FAINT, anchor: 'end' }) : svg
}

function cell (panel, column, value) {
  const override = panel.fieldConfig.overrides.find(o => o.matcher.options === column)
  const property = id => override?.properties.find(p => p.id === id)?.value
  const word = words({ mappings: property('mappings') })?.[value]
  return word ? { text: word.text, colour: word.color } : { text: written(value, property('unit') ?? 'short') }
}

const FORMS = { stat, timeseries: lines, 'state-timeline': timeline, table }

// ---- boards

async function draw (file) {
  const board = JSON.parse(readFileSync(join(boards, file), 'utf8'))
  // As Grafana opens it: all, where a variable takes several.
  chosen = Object.fromEntries(board.templating.list.filter(v => choice[v.name] && !v.multi).map(v => [v.name, choice[v.name]]))
  let svg = ''
  let bottom = 0
  let shift = 0
  const place = async (panel, lower) => {
    const { x, y, w, h } = panel.gridPos
    const [px, py, pw, ph] = [x * COLUMN + 4, (y + lower) * LINE + 50, w * COLUMN - 8, h * LINE - 8]
    bottom = Math.max(bottom, py + ph)
    if (panel.type === 'row') {
      svg += text(px + 4, py + 16, 13, panel.title, { weight: 700 })
      return
    }
    const body = await FORMS[panel.type](panel, pw, ph)
    svg += `<g transform="translate(${px},${py})"><rect width="${pw}" height="${ph}" rx="4" fill="#fff" stroke="#d5dae0"/>${text(10, 17, 12, cut(panel.title, pw - 16, 12), { weight: 700 })}${body}</g>`
  }
  for (const panel of board.panels) {
    await place(panel, shift)
    if (panel.collapsed) {
      for (const inner of panel.panels) await place(inner, shift)
      shift += Math.max(...panel.panels.map(p => p.gridPos.y + p.gridPos.h)) - panel.gridPos.y - 1
    }
  }
  const width = 24 * COLUMN + 8
  const simulated = (await now('millwright_accelerator_info{simulated="true"}')).length ? ['SIMULATED hardware'] : []
  const used = board.templating.list.filter(v => chosen[v.name] && v.type === 'query').map(v => `${v.label}: ${chosen[v.name]}`)
  const head = text(10, 30, 20, board.title, { weight: 700 }) + text(width - 10, 30, 12, [...simulated, ...used, `${minutes} min, ${new Date(end * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`].join('  ·  '), { colour: FAINT, anchor: 'end' })
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 10}"><rect width="100%" height="100%" fill="#f3f5f7"/>${head}${svg}</svg>`
  const png = new Resvg(picture, { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }).render().asPng()
  writeFileSync(join(out, `${board.uid}.png`), png)
  console.log(`${board.uid}.png ${png.length} bytes`)
}

mkdirSync(out, { recursive: true })
for (const file of readdirSync(boards).sort()) await draw(file)
