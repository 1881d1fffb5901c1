/*!
 * A small router.
 * Copyright (c) the authors
 */
'use strict'

var methods = require('./methods')
const { parse } = require('url')

const MAX_DEPTH = 32
const DEFAULTS = { strict: false, caseSensitive: false }

/**
 * Module exports.
 */

module.exports = Router

/**
 * Creates a router that dispatches requests to the first layer whose path matches, and goes on with the
 * next one when a handler calls `next()`.
 *
 * @param {object} [options] see DEFAULTS
 * @return {Function} the middleware
 */

function Router(options) {
  var opts = Object.assign({}, DEFAULTS, options)
  function router(req, res, next) {
    router.handle(req, res, next)
  }
  router.stack = []
  router.opts = opts
  return router
}

/**
 * Dispatches a request.
 */
Router.prototype.handle = function handle(req, res, done) {
  var idx = 0
  var stack = this.stack
  var removed = ''

  next()

  function next(err) {
    if (idx >= stack.length) {
      setImmediate(done, err)
      return
    }
    var path = parse(req.url).pathname
    var layer
    var match
    while (match !== true && idx < stack.length) {
      layer = stack[idx++]
      match = layer.match(path)
    }
    if (match !== true) {
      return done(err)
    }
    layer.handle(req, res, next)
  }

  // Trims the prefix under which the router is mounted, so that the layers see the rest of the path only.
  function trimPrefix(layer, layerError, layerPath, path) {
    if (layerPath.length !== 0) {
      removed = layerPath
      req.url = req.url.slice(removed.length)
    }
    if (layerError) {
      layer.handleError(layerError, req, res, next)
    } else {
      layer.handleRequest(req, res, next)
    }
  }

  // Options requests are answered with the methods that some layer of the stack has for this path; the answer is
  // sent only when nothing else did.
  function sendOptionsResponse(res, options) {
    var allow = options.sort().join(', ')
    res.setHeader('Allow', allow)
    res.setHeader('Content-Length', Buffer.byteLength(allow))
    res.setHeader('Content-Type', 'text/plain')
    res.end(allow)
  }
}

exports.use =
Router.prototype.use = function use(path, fn) {
  this.stack.push(new Layer(path, {}, fn))
  return this
}

methods.forEach(function (method) {
  Router.prototype[method] = function (path) {
    return this.route(path)[method](arguments[1])
  }
})

exports.compose = (...handlers) => (req, res) => handlers.forEach((handler) => handler(req, res))

const isAbsolute = (path) => path[0] === '/'

class Layer {
  static count = 0
  #keys = []

  constructor(path, options, fn) {
    this.path = path
    this.fn = fn
  }

  /** Whether the layer is for this path. */
  match(path) {
    return path.startsWith(this.path)
  }

  get keys() { return this.#keys }

  handle = async (req, res, next) => {
    try { await this.fn(req, res, next) } catch (error) { next(error) }
  }
}

exports.handlers = {
  notFound(req, res) {
    res.statusCode = 404
    res.end('Not found: ' + req.url)
  },
  teapot: function (req, res) {
    res.statusCode = 418
    res.end('short and stout')
  },
  tiny() {},
}
