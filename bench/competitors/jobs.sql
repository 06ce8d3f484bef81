-- ${IN} and ${OUT} are replaced. Every stage is a stored table of the database file.
--@ orders
CREATE TABLE orders AS SELECT * FROM read_csv('${IN}/orders_*.csv', header=true, auto_detect=false, delim=',', quote='"', escape='"', columns={'order_id':'BIGINT','customer_id':'VARCHAR','order_date':'DATE','status':'VARCHAR','region':'VARCHAR','channel':'VARCHAR','note':'VARCHAR'}) WHERE status <> 'cancelled';
--@ j1
CREATE TABLE items AS SELECT *, CAST(price * qty * CAST(1 - discount AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS net, strftime(shipped_at, '%Y-%m-%d') AS shipped_day, replace(sku, '-', '') AS sku_key
  FROM read_csv('${IN}/items_*.csv', header=true, auto_detect=false, delim=',', quote='"', escape='"', columns={'order_id':'BIGINT','line_no':'BIGINT','sku':'VARCHAR','qty':'BIGINT','price':'DECIMAL(9,2)','discount':'DOUBLE','shipped_at':'TIMESTAMP'}) WHERE qty > 0;
CREATE TABLE products AS SELECT * FROM read_csv('${IN}/products.csv', header=true, auto_detect=false, delim=',', quote='"', escape='"', columns={'sku':'VARCHAR','category':'VARCHAR','name':'VARCHAR','cost':'DECIMAL(9,2)'});
CREATE TABLE items_priced AS SELECT i.order_id, i.line_no, i.sku, i.sku_key, i.qty, i.net, i.shipped_day, p.category, CAST(i.net - p.cost * i.qty AS DECIMAL(18,2)) AS margin FROM items i JOIN products p ON i.sku = p.sku;
CREATE TABLE orders_grouped AS SELECT o.order_id, o.customer_id, o.order_date, o.region, o.channel, coalesce(g.item_count, 0) AS item_count, CAST(coalesce(g.total, 0) AS DECIMAL(18,2)) AS total, coalesce(g.min_day, '') AS min_day, coalesce(g.max_day, '') AS max_day,
    CAST(coalesce(round(CAST(g.margin * 100 AS BIGINT) / g.item_count), 0) / 100 AS DECIMAL(18,2)) AS avg_margin
  FROM orders o LEFT JOIN (SELECT order_id, count(*) AS item_count, sum(net) AS total, min(shipped_day) AS min_day, max(shipped_day) AS max_day, sum(margin) AS margin FROM items_priced GROUP BY order_id) g ON o.order_id = g.order_id;
CREATE TABLE order_totals AS SELECT * FROM orders_grouped WHERE total > 1000 OR item_count = 0;
CREATE TABLE customers AS SELECT DISTINCT customer_id FROM order_totals;
CREATE TABLE categories AS SELECT category, count(*) AS item_count, CAST(sum(qty) AS BIGINT) AS qty_sum, sum(net) AS net_sum, sum(margin) AS margin_sum FROM items_priced GROUP BY category;
COPY (SELECT * FROM order_totals) TO '${OUT}/order_totals.csv' (HEADER);
COPY (SELECT * FROM order_totals ORDER BY total DESC, order_id LIMIT 1000) TO '${OUT}/top_orders.csv' (HEADER);
COPY (SELECT * FROM customers) TO '${OUT}/customers.csv' (HEADER);
COPY (SELECT * FROM categories ORDER BY category) TO '${OUT}/categories.csv' (HEADER);
--@ j3
CREATE TABLE items AS SELECT * FROM read_csv('${IN}/items_*.csv', header=true, auto_detect=false, delim=',', quote='"', escape='"', columns={'order_id':'BIGINT','line_no':'BIGINT','sku':'VARCHAR','qty':'BIGINT','price':'DECIMAL(9,2)','discount':'DOUBLE','shipped_at':'TIMESTAMP'});
CREATE TABLE items_orders AS SELECT i.order_id, i.line_no, o.customer_id, o.region, i.qty FROM items i JOIN orders o ON i.order_id = o.order_id;
COPY (SELECT * FROM items_orders) TO '${OUT}/items_orders.csv' (HEADER);
